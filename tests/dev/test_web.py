import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from msgen.dev.logs import Logs
from msgen.dev.state import make_folder
from msgen.dev.supervisor import Supervisor
from msgen.dev.web import create_app

from .test_supervisor import part

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
    transport = httpx.ASGITransport(create_app("shop", supervisor, logs))

    async def fetch(path: str, headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
            return await client.get(path)

    return lambda path, **headers: asyncio.run(fetch(path, headers))


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


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/page.js", "javascript"), ("/page.css", "text/css")])
def test_files_of_the_page(get: Get, path: str, kind: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert kind in answer.headers["content-type"]


def test_other_hosts_are_refused(get: Get) -> None:
    assert get("/api/state", host="evil.example").status_code == 400
