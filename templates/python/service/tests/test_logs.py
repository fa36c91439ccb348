import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from httpx import AsyncClient

from app import SERVICE
from app.logs import configure_logs


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
    assert line["service"] == SERVICE
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert line["correlation_id"] == response.headers["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/nowhere", 404)
    assert line["duration_ms"] > 0


def test_libraries_log_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")

    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("library").exception("%s failed", "it")

    [line] = lines(capsys)
    assert line["message"] == "it failed"
    assert line["level"] == "error"
    assert "ValueError: why" in line["exception"]


def test_less_severe_records_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")

    structlog.get_logger().debug("a detail")
    logging.getLogger("library").debug("a detail")

    assert lines(capsys) == []
