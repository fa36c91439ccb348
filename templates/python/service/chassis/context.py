"""The running application, and the cause and deadline of the current request."""

from contextvars import ContextVar
from time import monotonic
from typing import NamedTuple

from fastapi import FastAPI
from starlette.datastructures import State


class Actor(NamedTuple):
    """Who causes something, in the terms of CloudEvents' auth context extension."""

    type: str
    """`app_user`, `service_account`, `unauthenticated` or `system`."""
    id: str | None = None


SYSTEM = Actor("system")

current_app: ContextVar[FastAPI] = ContextVar("current_app")
actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)

authorization: ContextVar[str | None] = ContextVar("authorization", default=None)
"""Header with the access token that calls to other services pass on.

None for calls of this service's own: in message handlers and jobs, and for requests of services.
"""

deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))
"""Monotonic time at which the caller stops waiting."""
DEADLINE_HEADER = "X-Envoy-Expected-Rq-Timeout-Ms"
"""Milliseconds until then, as the gateway sends it to services and services to each other."""


def seconds_left() -> float:
    return deadline.get() - monotonic()


def state() -> State:
    """Connections and other state of the application that serves this request or task."""
    return current_app.get().state
