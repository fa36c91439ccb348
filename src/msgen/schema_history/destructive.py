"""Describe the data loss and possible failures of schema changes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgen.core.errors import quoted
from msgen.planning.fields import Value
from msgen.planning.resources import ResourceChange
from msgen.planning.service import Service
from msgen.schema_history.renames import possible
from msgen.schema_history.step import Step, state_of


def lost_data(service: Service, change: ResourceChange) -> Iterator[str]:
    what = f"{service.name}.{change.resource}"
    if change.drops:
        yield f"{what} is dropped with all its rows"
    for field in () if change.drops else change.removed:
        names = [f"--renamed {rename}" for rename in possible(service, change) if rename.old == field.name]
        hint = f"; if it has another name now, use {' or '.join(names)}" if names else ""
        yield f"{what} loses the column {field.name} and its data{hint}"
    for field in () if change.creates else change.added:
        if field.owner:
            yield (
                f"{what} gets owners, and existing rows belong to nobody: accounts without a role that has access lose "
                f"them. Write `access: open` under 'defaults' to keep them open"
            )
        elif not field.optional and field.fill is None:
            advice = "make it optional" if field.unique else "give it a `backfill` or make it optional"
            yield f"{what}.{field.name} has no value for existing rows: {advice}; the migration fails if there are any"
    for old, new in change.changed:
        if old.kind != new.kind:
            yield f"{what}.{new.name} changes from {old.kind} to {new.kind}: values may be lost, or fail the migration"
        if old.optional and not new.optional and new.backfill is None:
            rows = "the migration fails if there are any" if new.fill is None else f"they become {_shown(new.fill)}"
            yield f"{what}.{new.name} becomes required, and empty values have no `backfill`: {rows}"
        if new.unique and not old.unique:
            yield f"{what}.{new.name} becomes unique: the migration fails if there are duplicates"
    yield from _violated(what, change)


def _violated(what: str, change: ResourceChange) -> Iterator[str]:
    """Describe new constraints that existing rows may violate."""
    names = {str(old.name): str(new.name) for old, new in change.renamed}
    kept = {str(constraint.renamed(names)) for constraint in change.released}
    for constraint in () if change.creates else change.constrained:
        if str(constraint) in kept:
            continue
        if constraint.kind == "unique":
            fields = " and ".join(constraint.fields)
            yield f"{what}.{fields} become unique together: the migration fails if there are duplicates"
        elif constraint.kind == "check":
            rows = f"{constraint.fields[0]} {constraint.requirement}"
            yield f"{what} gets a check: the migration fails if there are rows for which it does not hold: {rows}"


def effects(service: Service, change: ResourceChange) -> Iterator[str]:
    """Describe renamed columns, and values of new ones in existing rows that the description does not give."""
    for old, new in change.renamed:
        what = f"{service.name}.{change.resource}.{old.name}"
        yield f"{what} is renamed to {new.name}: replicas of the old version fail until they are replaced"
    for field in () if change.creates else change.added:
        if field.invented is not None and not field.owner and not field.item:
            what = f"{service.name}.{change.resource}.{field.name}"
            yield f"{what} becomes {_shown(field.invented)} in existing rows; `backfill` sets another value"


def other_language(service: Service, steps: Sequence[Step]) -> Iterator[str]:
    """Describe what a change of the language means for the data of a service."""
    if former := {step.language for step in steps} - {service.language}:
        yield (
            f"{service.name} changes from {former.pop()} to {service.language}: move its rows to a new database before "
            f"it starts, and write the code again that you have added"
        )


def orphaned(former: Mapping[str, Sequence[Step]], new: Mapping[str, Sequence[Step]]) -> Iterator[str]:
    """Describe services that begin with the resources of one that is gone, probably under another name."""
    for name, steps in new.items():
        for old, known in former.items():
            if _shapes(steps) & _shapes(known):
                yield f"{name} has resources of {old} and starts with an empty database; the rows stay in that of {old}"


def _shapes(steps: Sequence[Step]) -> set[tuple[str, ...]]:
    """Return the resources with the names of their fields."""
    states = {step.resource: state_of(step.resource, steps) for step in steps}
    return {(resource, *sorted(state)) for resource, state in states.items() if state}


def _shown(value: Value) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()


def lost_values(
    service: Service, resource: str, before: Mapping[str, dict[str, Any]], fields: Mapping[str, dict[str, Any] | None]
) -> Iterator[str]:
    """Describe the removed values of enums."""
    for name, spec in fields.items():
        left: list[str] = (spec or {}).get("enum", [])
        for value in before.get(name, {}).get("enum", ()) if left else ():
            if value not in left:
                what = f"{service.name}.{resource}.{name}"
                yield f"{what} loses the value {value}: existing rows with it stay readable, but it cannot be written"
