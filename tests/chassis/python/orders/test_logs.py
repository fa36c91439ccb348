import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from httpx import AsyncClient

from chassis import SERVICE
from chassis.logs import configure_logs
from chassis.testing.tokens import bearer


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers = logging.root.handlers
    yield
    structlog.reset_defaults()
    logging.root.handlers = handlers


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_one_line_for_each_request(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info")

    response = await client.get("/nowhere?token=secret")
    await client.get("/health/live")

    [line] = [line for line in lines(capsys) if line["message"] == "request"]
    assert line["service.name"] == SERVICE
    assert line["log.level"] == "info"
    assert line["@timestamp"].endswith("Z")
    assert line["labels.correlation_id"] == response.headers["X-Request-ID"]
    assert line["http.request.method"] == "GET"
    assert line["url.path"] == "/nowhere"
    assert line["http.response.status_code"] == 404
    assert line["event.duration"] > 0


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"sub": "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c"}, "labels.account"),
        ({"sub": "bills", "client_id": "bills"}, "labels.client"),
    ],
)
async def test_the_line_names_the_caller(
    client: AsyncClient, capsys: pytest.CaptureFixture[str], claims: dict[str, str], field: str
) -> None:
    configure_logs("info")

    await client.get("/orders", headers=bearer(**claims))

    [line] = [line for line in lines(capsys) if line["message"] == "request"]
    assert line[field] == claims["sub"]


def test_libraries_log_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")

    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("library").exception("%s failed", "it")

    [line] = lines(capsys)
    assert line["message"] == "it failed"
    assert line["log.level"] == "error"
    assert (line["error.type"], line["error.message"]) == ("ValueError", "why")
    assert "ValueError: why" in line["error.stack_trace"]


def test_other_fields_become_labels(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")

    structlog.get_logger().info("done", queue="letters", attempt=2)

    [line] = lines(capsys)
    assert line["messaging.destination.name"] == "letters"
    assert line["labels.attempt"] == 2


def test_less_severe_records_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")

    structlog.get_logger().debug("a detail")
    logging.getLogger("library").debug("a detail")

    assert lines(capsys) == []
