"""The id that ties together the logs, REST calls and messages that one request causes."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
ACCEPTED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


def accept(given: str) -> str:
    """Return the id that a request brings, or a new one."""
    return given if ACCEPTED.fullmatch(given) else str(uuid4())
