"""Access to resources: who may do what with which rows.

Grantees are `public` (everybody), `user` (every account), `owner` (the account whose id is in the
row) and roles. Without a caller, as in message handlers, everything is allowed.
"""

from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from chassis.caller import Caller, current_caller, denied, log_denial
from chassis.records import Record

OWNER = "owner"


@dataclass(frozen=True)
class Policy:
    resource: str
    grants: dict[str, frozenset[str]]
    """Grantees of each action but the owner."""
    of_owner: frozenset[str]
    """Actions of the owner."""
    owner: InstrumentedAttribute[Any] | None
    """The column with the id of the owner's account."""

    def allows(self, caller: Caller, action: str, row: Record) -> bool:
        return caller.is_among(self.grants[action]) or (
            self.may_allow(caller, action) and self.owner_of(row) == caller.id
        )

    def may_allow(self, caller: Caller, action: str) -> bool:
        """Return whether there can be a row with which the caller may do this."""
        return caller.is_among(self.grants[action]) or (
            action in self.of_owner and caller.id is not None
        )

    def owner_of(self, row: Record) -> Any:  # noqa: ANN401 - a UUID, unless the column is a team's
        return getattr(row, self.owner.key) if self.owner else None


_policies: dict[type[Record], Policy] = {}


def declare(
    record: type[Record],
    *,
    owner: InstrumentedAttribute[Any] | None = None,
    **grants: Collection[str],
) -> None:
    """Declare the grantees of `list`, `read`, `create`, `update` and `delete`.

    Whoever may list, update or delete a row must be allowed to read it.
    """
    _policies[record] = Policy(
        record.__tablename__,
        {action: frozenset(grantees) - {OWNER} for action, grantees in grants.items()},
        frozenset(action for action, grantees in grants.items() if OWNER in grantees),
        owner,
    )


def permit(action: str, record: type[Record]) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a dependency that refuses, before the body is validated, what no row can allow."""

    async def check() -> None:
        policy, caller = _policies[record], current_caller.get()
        if caller is None or policy.may_allow(caller, action):
            return
        if action == "create" or caller.is_among(policy.grants["read"]):
            raise denied(action, policy.resource)

    return check


def conditions(record: type[Record]) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows that the caller may list."""
    policy, caller = _policies.get(record), current_caller.get()
    if policy is None or caller is None or caller.is_among(policy.grants["list"]):
        return []
    if policy.owner is None or not policy.may_allow(caller, "list"):
        raise denied("list", policy.resource)
    return [policy.owner == caller.id]


def is_readable(row: Record) -> bool:
    policy, caller = _policies.get(type(row)), current_caller.get()
    return policy is None or caller is None or policy.allows(caller, "read", row)


def check_read(row: Record) -> bool:
    """Return whether the caller may read a row; log a refusal."""
    if is_readable(row):
        return True
    log_denial("read", row.__tablename__, row.id)
    return False


def check(action: str, row: Record) -> None:
    """Refuse a change or deletion that the caller may not make."""
    policy, caller = _policies.get(type(row)), current_caller.get()
    if policy and caller and not policy.allows(caller, action, row):
        raise denied(action, policy.resource, row.id)


def claim(row: Record) -> None:
    """Make the caller the owner of a new row, or refuse its creation."""
    policy, caller = _policies.get(type(row)), current_caller.get()
    if policy is None or caller is None:
        return
    if policy.owner and policy.owner_of(row) is None:
        setattr(row, policy.owner.key, caller.id)
    if not policy.allows(caller, "create", row):
        raise denied("create", policy.resource)
