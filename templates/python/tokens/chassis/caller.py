"""The caller of a request: an account and its roles."""

from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from chassis.problems import FieldError, Problem

log = structlog.get_logger()


class Caller(NamedTuple):
    """An account; without an id, somebody who sent no token."""

    id: UUID | None = None
    roles: frozenset[str] = frozenset()

    def is_among(self, grantees: Collection[str]) -> bool:
        """Return whether the grantees, `public`, `user` or roles, include the caller."""
        return "public" in grantees or (
            self.id is not None and ("user" in grantees or not self.roles.isdisjoint(grantees))
        )


NOBODY = Caller()

current_caller: ContextVar[Caller | None] = ContextVar("current_caller", default=None)
"""None outside of requests: message handlers and jobs may do everything."""


@contextmanager
def unrestricted() -> Iterator[Caller]:
    """Lift access control from the team's code, which gets the caller."""
    caller = current_caller.get()
    token = current_caller.set(None)
    try:
        yield caller or NOBODY
    finally:
        current_caller.reset(token)


def account_id() -> UUID | None:
    """Return the id of the caller's account."""
    caller = current_caller.get()
    return caller and caller.id


def permit(action: str, resource: str, *grantees: str) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a dependency that refuses callers who are not among the grantees."""

    async def check() -> None:
        caller = current_caller.get()
        if caller and not caller.is_among(grantees):
            raise denied(action, resource)

    return check


def denied(
    action: str, resource: str, row_id: UUID | str | None = None, errors: Sequence[FieldError] = ()
) -> Problem:
    """Log that the caller may not do this, and return the problem."""
    if account_id() is None:
        return unauthorized("An access token is needed.", "Bearer")
    log_denial(action, resource, row_id)
    return Problem(403, "This account is not allowed to do this.", errors=errors)


def log_denial(action: str, resource: str, row_id: UUID | str | None) -> None:
    row = row_id and str(row_id)
    log.warning(
        "access denied", account=str(account_id()), action=action, resource=resource, id=row
    )


def unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})
