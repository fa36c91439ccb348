"""Rate, errors and duration of requests, and the endpoint that serves all metrics."""

from functools import cache

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from starlette.types import Scope

from chassis import health
from chassis.metrics import SECONDS

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
CLIENT_GONE = 499
"""Status of requests that ended without a response."""

REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Duration of requests",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=SECONDS,
)
ACTIVE = Gauge("http_server_active_requests", "Requests in progress", ["http_request_method"])
DEPENDENCIES = Gauge("dependency_up", "Whether a dependency responds", ["dependency"])

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    for name, status in (await health.check(request.app.state.checks)).items():
        DEPENDENCIES.labels(name).set(status == "ok")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


# Children are kept, because looking them up by labels takes a lock and builds a tuple of texts.


@cache
def _active(method: str) -> Gauge:
    return ACTIVE.labels(method)


@cache
def _requests(method: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(method, route, status)


def begin(scope: Scope) -> None:
    _active(_method(scope)).inc()


def end(scope: Scope, status: int, seconds: float) -> None:
    """Measure a request. Unknown methods and paths share one label each."""
    method = _method(scope)
    _active(method).dec()
    route = getattr(scope.get("route"), "path", "unknown")
    _requests(method, route, status or CLIENT_GONE).observe(seconds)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "_OTHER"
