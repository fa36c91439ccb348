"""The running application, for code that has no request at hand."""

from contextvars import ContextVar

from fastapi import FastAPI
from starlette.datastructures import State

current_app: ContextVar[FastAPI] = ContextVar("current_app")


def state() -> State:
    """Connections and other state of the application that serves this request or task."""
    return current_app.get().state
