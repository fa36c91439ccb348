"""The id that ties together all that one request sets off: logs, REST calls and messages."""

import re
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.context import Actor, actor, current_app

HEADER = "X-Request-ID"
ACCEPTED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


class CorrelationMiddleware:
    """Takes the id from the request, or makes one, and returns it in the response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        given = Headers(scope=scope).get(HEADER, "")
        current = given if ACCEPTED.fullmatch(given) else str(uuid4())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = current
            await send(message)

        current_app.set(scope["app"])
        actor.set(Actor("unauthenticated"))
        token = correlation_id.set(current)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            correlation_id.reset(token)
