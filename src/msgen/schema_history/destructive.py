"""Describe the data that a change of a resource loses."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgen.planning.resources import ResourceChange
from msgen.planning.service import Service

UNGUESSABLE = ("email", "url", "uuid", "enum")
"""Types without a safe backfill value for existing rows."""


def lost_data(service: Service, change: ResourceChange) -> Iterator[str]:
    what = f"{service.name}.{change.resource}"
    if change.drops:
        yield f"{what} is dropped, with all that is stored of it"
    for field in () if change.drops else change.removed:
        yield f"{what} loses {field.name}, with what is stored in it"
    for field in () if change.creates else change.added:
        if field.required and (field.unique or field.reference or field.type in UNGUESSABLE):
            yield f"{what}.{field.name} has no value for what is stored already: if there is any, the migration stops"
    for old, new in change.changed:
        if old.type != new.type:
            yield f"{what}.{new.name} changes from {old.type} to {new.type}: what does not fit is lost, or stops it"
        if old.optional and not new.optional:
            yield f"{what}.{new.name} is not optional any more: where it is empty, it gets a value"
        if new.unique and not old.unique:
            yield f"{what}.{new.name} becomes unique: where values repeat, the migration stops"


def lost_values(
    service: Service, resource: str, before: Mapping[str, dict[str, Any]], fields: Mapping[str, dict[str, Any] | None]
) -> Iterator[str]:
    """Return the removed values of an enum."""
    for name, spec in fields.items():
        left: list[str] = (spec or {}).get("enum", [])
        for value in before.get(name, {}).get("enum", ()) if left else ():
            if value not in left:
                what = f"{service.name}.{resource}.{name}"
                yield f"{what} loses the value {value}: rows that hold it can be read, but no longer be written"
