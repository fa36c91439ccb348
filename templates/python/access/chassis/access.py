"""Access to resources: who may do what with which rows.

Grantees are `public` (everybody), `user` (every account), `owner` (the account whose id is in the
row) and roles. Services that call this one are granted more: `Policy.is_granted`. Without a caller,
as in message handlers, everything is allowed.
"""

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from chassis.caller import Caller, current_caller, denied, log_denial
from chassis.paging import Listing
from chassis.problems import FieldError
from chassis.records import Record

R = TypeVar("R", bound=Record)

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
    readers: Mapping[str, Collection[str]]
    """Grantees by field, of fields that not everybody sees who reads the row."""
    writers: Mapping[str, Collection[str]]

    def allows(self, caller: Caller, action: str, row: Record) -> bool:
        return self.is_granted(caller, action) or (
            action in self.of_owner and self.owns(caller, row)
        )

    def is_granted(self, caller: Caller, action: str) -> bool:
        """Return whether the caller may do this with every row.

        A service may do everything but create a row that needs an owner.
        """
        if caller.service:
            return action != "create" or self.owner is None
        return caller.is_among(self.grants[action])

    def may_allow(self, caller: Caller, action: str) -> bool:
        """Return whether there can be a row with which the caller may do this."""
        owned = action in self.of_owner and self.owner is not None and caller.id is not None
        return owned or self.is_granted(caller, action)

    def owns(self, caller: Caller, row: Record) -> bool:
        if self.owner is None or caller.id is None:
            return False
        return bool(getattr(row, self.owner.key) == caller.id)


def _refused(limits: Mapping[str, Collection[str]], caller: Caller, *, owns: bool) -> set[str]:
    """Return the fields whose limits exclude the caller; none for services."""
    if caller.service:
        return set()
    return {
        field
        for field, grantees in limits.items()
        if not caller.is_among({*grantees} - {OWNER}) and not (owns and OWNER in grantees)
    }


class _Redacted:
    """A row without some of its fields."""

    def __init__(self, row: Record, hidden: Collection[str]) -> None:
        self._row = row
        self._hidden = hidden

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the row's
        if name in self._hidden:
            raise AttributeError(name)
        return getattr(self._row, name)


_policies: dict[type[Record], Policy] = {}


def declare(
    record: type[Record],
    *,
    owner: InstrumentedAttribute[Any] | None = None,
    readers: Mapping[str, Collection[str]] | None = None,
    writers: Mapping[str, Collection[str]] | None = None,
    **grants: Collection[str],
) -> None:
    """Declare the grantees of `list`, `read`, `create`, `update` and `delete`, and of fields.

    Whoever may list, update or delete a row must be allowed to read it.
    """
    _policies[record] = Policy(
        record.__tablename__,
        {action: frozenset(grantees) - {OWNER} for action, grantees in grants.items()},
        frozenset(action for action, grantees in grants.items() if OWNER in grantees),
        owner,
        readers or {},
        writers or {},
    )


def permit(action: str, record: type[Record]) -> Callable[[], Coroutine[Any, Any, None]]:
    """Return a dependency that refuses, before the body is validated, what no row can allow."""

    async def check() -> None:
        policy, caller = _policies[record], current_caller.get()
        if caller is None or policy.may_allow(caller, action):
            return
        if action == "create" or policy.is_granted(caller, "read"):
            raise denied(action, policy.resource)

    return check


def conditions(record: type[Record], listing: Listing) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows that the caller may list."""
    policy, caller = _policies.get(record), current_caller.get()
    if policy is None or caller is None:
        return []
    lists_all = policy.is_granted(caller, "list")
    if not policy.may_allow(caller, "list"):
        raise denied("list", policy.resource)
    if policy.readers:
        hidden = _refused(policy.readers, caller, owns=not lists_all)
        if not hidden.isdisjoint(_fields_of_query(listing, record)):
            raise denied("list", policy.resource)
    return [] if lists_all or policy.owner is None else [policy.owner == caller.id]


def _fields_of_query(listing: Listing, record: type[Record]) -> set[str]:
    """Return the fields that a list is filtered or sorted by."""
    columns = record.__table__.columns
    filters = listing.model_dump(exclude={"limit", "offset", "sort"}, exclude_none=True)
    return {
        *(name if name in columns else name[: -len("_min")] for name in filters),
        *(key.removeprefix("-") for key in listing.sort.split(",")),
    }


def is_readable(row: Record) -> bool:
    policy, caller = _policies.get(type(row)), current_caller.get()
    return policy is None or caller is None or policy.allows(caller, "read", row)


def check_read(row: Record) -> bool:
    """Return whether the caller may read a row; log a refusal."""
    if is_readable(row):
        return True
    log_denial("read", row.__tablename__, row.id)
    return False


def check(action: str, row: Record, fields: Collection[str] = ()) -> None:
    """Refuse a deletion, or a change of fields, that the caller may not make."""
    policy, caller = _policies.get(type(row)), current_caller.get()
    if policy is None or caller is None:
        return
    if not policy.allows(caller, action, row):
        raise denied(action, policy.resource, row.id)
    if policy.writers and fields:
        refused = _refused(policy.writers, caller, owns=policy.owns(caller, row))
        _refuse_fields(action, policy, refused.intersection(fields), row.id)


def check_new(record: type[Record], fields: Collection[str]) -> None:
    """Refuse fields of a new row that the caller, who will be its owner, may not set."""
    policy, caller = _policies[record], current_caller.get()
    if caller:
        refused = _refused(policy.writers, caller, owns=caller.id is not None)
        _refuse_fields("create", policy, refused.intersection(fields))


def _refuse_fields(
    action: str, policy: Policy, fields: Collection[str], row_id: UUID | None = None
) -> None:
    if fields:
        message = "must not be set by this account"
        errors = [FieldError(field=f"body.{name}", message=message) for name in sorted(fields)]
        raise denied(action, policy.resource, row_id, errors)


def shown(row: R) -> R:
    """Return a row as the caller may see it."""
    policy, caller = _policies.get(type(row)), current_caller.get()
    if policy is None or caller is None:
        return row
    hidden = _refused(policy.readers, caller, owns=policy.owns(caller, row))
    return cast("R", _Redacted(row, hidden)) if hidden else row


def claim(row: Record) -> None:
    """Make the caller the owner of a new row, or refuse its creation."""
    policy, caller = _policies.get(type(row)), current_caller.get()
    if policy is None or caller is None:
        return
    if policy.owner and getattr(row, policy.owner.key) is None:
        setattr(row, policy.owner.key, caller.id)
    if not policy.allows(caller, "create", row):
        raise denied("create", policy.resource)
