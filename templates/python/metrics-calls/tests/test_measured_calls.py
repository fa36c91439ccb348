from contextlib import suppress

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.metrics.calls import measured


@pytest.mark.parametrize(
    ("answer", "status", "error_type"),
    [
        (httpx.Response(404), "404", ""),
        (httpx.Response(503), "503", "503"),
        (httpx.ReadTimeout("late"), "", "timeout"),
        (httpx.ConnectError("nobody there"), "", "connection"),
    ],
)
async def test_each_try_is_measured(
    answer: httpx.Response | httpx.TransportError, status: str, error_type: str
) -> None:
    @measured
    async def send(
        _client: httpx.AsyncClient, _service: str, _request: httpx.Request
    ) -> httpx.Response:
        if isinstance(answer, httpx.Response):
            return answer
        raise answer

    async with httpx.AsyncClient() as client:
        with suppress(httpx.TransportError):
            await send(client, "shelf", httpx.Request("GET", "http://shelf/books"))

    labels = {
        "http_request_method": "GET",
        "server_address": "shelf",
        "http_response_status_code": status,
        "error_type": error_type,
    }
    name = "http_client_request_duration_seconds_count"
    assert REGISTRY.get_sample_value(name, labels) == 1
