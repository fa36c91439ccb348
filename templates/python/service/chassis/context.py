"""The running application, and the cause of the current request or message."""

from contextvars import ContextVar
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


def state() -> State:
    """Connections and other state of the application that serves this request or task."""
    return current_app.get().state
