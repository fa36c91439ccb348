import asyncio
import gzip
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from msgen.dev.logs import Logs
from msgen.dev.state import make_folder
from msgen.dev.supervisor import Supervisor
from msgen.dev.traces import Traces
from msgen.dev.web import create_app

from .test_supervisor import part
from .test_traces import export

LINE = '{"message": "request", "labels.correlation_id": "7f", "log.level": "info"}'


Get = Callable[..., httpx.Response]


@pytest.fixture
def get(tmp_path: Path) -> Get:
    dev = make_folder(tmp_path)
    logs = Logs(dev / "logs", lambda _: None)
    parts = [
        part(dev, "store", "", pages={"Pages": "http://localhost:2"}),
        part(dev, "orders", "", address=8001, service=True),
    ]
    supervisor = Supervisor(dev, parts, logs, [], "http://localhost:1")
    for text in ("first", LINE):
        logs.add("orders", text)
    logs.close()
    transport = httpx.ASGITransport(create_app("shop", supervisor, logs, Traces()))

    async def fetch(path: str, body: bytes | None, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
            return await (client.get(path) if body is None else client.post(path, content=body))

    return lambda path, body=None, **headers: asyncio.run(fetch(path, body, headers))


def test_state_of_the_parts(get: Get) -> None:
    state = get("/api/state").json()["state"]
    assert (state["name"], state["ready"]) == ("shop", False)
    assert [(p["name"], p["status"]) for p in state["parts"]] == [("orders", "waiting"), ("store", "waiting")]
    assert state["parts"][0]["links"]["OpenAPI"] == "http://localhost:8001/openapi.json"
    assert state["pages"] == {"msgen": "http://localhost:1", "Pages": "http://localhost:2"}


def test_new_lines_have_their_fields(get: Get) -> None:
    first, second = get("/api/state").json()["lines"]
    assert (first["text"], first["fields"]) == ("first", {})
    assert second["fields"]["labels.correlation_id"] == "7f"
    assert get(f"/api/state?after={first['number']}").json()["lines"] == [second]
    assert get("/api/state?after=none").json()["lines"] == [first, second]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.js", "javascript"), ("/traces.js", "javascript"), ("/page.css", "text/css")],
)
def test_files_of_the_page(get: Get, path: str, kind: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert kind in answer.headers["content-type"]


def test_other_hosts_are_refused(get: Get) -> None:
    assert get("/api/state", host="evil.example").status_code == 400


def test_traces_that_services_and_the_gateway_send(get: Get) -> None:
    body = export("orders", "POST /orders", 1, 2)
    assert get("/v1/traces", body, host="jaeger:4318").status_code == 200
    zipped = {"content-encoding": "gzip"}
    assert get("/v1/traces", gzip.compress(export("users", "GET /users", 2, 2)), **zipped).status_code == 200
    assert get("/v1/traces", b"\xff", **zipped).status_code == 400

    newest, first = get("/api/traces").json()
    assert (newest["part"], first["part"]) == ("users", "orders")
    (span,) = get(f"/api/traces/{first['id']}").json()
    assert (span["name"], span["seconds"]) == ("POST /orders", 0.001)
    assert get("/api/traces/none").json() == []
