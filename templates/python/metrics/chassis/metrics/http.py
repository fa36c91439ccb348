"""Rate, errors and duration of requests, and the page that shows all metrics."""

from time import perf_counter

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import health
from chassis.metrics import SECONDS

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
CLIENT_GONE = 499
"""Status of requests that ended without an answer."""

REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=SECONDS,
)
ACTIVE = Gauge(
    "http_server_active_requests",
    "Requests in hand",
    ["http_request_method"],
)
DEPENDENCIES = Gauge("dependency_up", "Whether a dependency answers", ["dependency"])

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    for name, status in (await health.check(request.app.state.checks)).items():
        DEPENDENCIES.labels(name).set(status == "ok")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class MetricsMiddleware:
    """Measures each request. Unknown methods and paths share one label each."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        status = CLIENT_GONE

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        start = perf_counter()
        with ACTIVE.labels(method).track_inprogress():
            try:
                await self.app(scope, receive, send_and_note)
            finally:
                route = getattr(scope.get("route"), "path", "unknown")
                seconds = perf_counter() - start
                REQUESTS.labels(method, route, str(status)).observe(seconds)
