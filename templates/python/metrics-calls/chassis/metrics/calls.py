"""Rate, errors and duration of calls to other services; each attempt counts."""

from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter

import httpx
from prometheus_client import Histogram

from chassis.metrics import SECONDS

REQUESTS = Histogram(
    "http_client_request_duration_seconds",
    "Duration of an attempt to call another service",
    ["http_request_method", "server_address", "http_response_status_code", "error_type"],
    buckets=SECONDS,
)
SERVER_ERROR = 500

Send = Callable[[httpx.AsyncClient, str, httpx.Request], Awaitable[httpx.Response]]


def measured(send: Send) -> Send:
    @wraps(send)
    async def measure(
        client: httpx.AsyncClient, service: str, request: httpx.Request
    ) -> httpx.Response:
        status, error_type = "", "connection"
        start = perf_counter()
        try:
            response = await send(client, service, request)
            status = str(response.status_code)
            error_type = status if response.status_code >= SERVER_ERROR else ""
        except (TimeoutError, httpx.TimeoutException):
            error_type = "timeout"
            raise
        finally:
            seconds = perf_counter() - start
            REQUESTS.labels(request.method, service, status, error_type).observe(seconds)
        return response

    return measure
