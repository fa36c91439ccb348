"""What is done around every request: a log line, metrics, and an answer to unexpected errors."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import REQUEST_DURATION
from app.problems import Problem, problem_response

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
QUIET = ("/health/", "/metrics")
"""Asked all the time by machines: measured, but not logged."""

log = structlog.get_logger()


class RequestMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        start = perf_counter()
        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            log.exception("unexpected error")
            if status:
                raise
            problem = Problem(500, "Something went wrong; the correlation id names it in the logs.")
            await problem_response(scope["path"], problem)(scope, receive, send_and_note)
        finally:
            observe(scope, status, perf_counter() - start)


def observe(scope: Scope, status: int, seconds: float) -> None:
    # Unknown methods and paths share one label each, so that no client can make series without end.
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    route = getattr(scope.get("route"), "path", "unknown")
    REQUEST_DURATION.labels(method, route, str(status)).observe(seconds)
    if not scope["path"].startswith(QUIET):
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            duration_ms=round(seconds * 1000, 1),
        )
