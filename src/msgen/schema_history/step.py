"""Steps in the history of a resource, and the resulting fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Fields = dict[str, dict[str, Any]]
"""Columns by name: `type`, and `list`, `optional`, `owner`, `unique` and `references` if set."""


@dataclass(frozen=True)
class Step:
    id: str
    resource: str
    language: str
    """Language of the service when the file was last written; migrations are the same in each language."""
    after: tuple[str, ...]
    """Preceding steps; empty for the first."""
    fields: Mapping[str, dict[str, Any] | None]
    """Added and changed fields; None for removed ones. `renamed_from` is the removed field that one continues."""
    dropped: bool = False
    constraints: Mapping[str, bool] = field(default_factory=dict)
    """Added constraints, and removed ones with `False`: `{"unique doctor_id starts_at": true}`."""


def state_of(resource: str, steps: Sequence[Step]) -> Fields | None:
    return fields_after([step for step in steps if step.resource == resource])


def constraints_of(resource: str, steps: Sequence[Step]) -> set[str]:
    """Return the constraints of a resource after all steps."""
    found: set[str] = set()
    for step in steps:
        if step.resource == resource:
            removed = found if step.dropped else {text for text, there in step.constraints.items() if not there}
            found = (found - removed) | {text for text, there in step.constraints.items() if there}
    return found


def column(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "renamed_from"}


def fields_after(steps: Sequence[Step]) -> Fields | None:
    """Return the fields after all steps; None without steps, or if the resource is dropped."""
    state: Fields | None = None
    for step in steps:
        if step.dropped:
            state = None
            continue
        state = {**(state or {}), **{n: column(spec) for n, spec in step.fields.items() if spec is not None}}
        state = {name: spec for name, spec in state.items() if step.fields.get(name, spec) is not None}
    return state


def migrating(steps: Sequence[Step]) -> Iterator[Step]:
    """Return the steps that change columns, not only values of an enum."""
    followed: dict[str, tuple[str, ...]] = {}
    ancestors: dict[str, set[str]] = {}
    for number, step in enumerate(steps):
        after = tuple(dict.fromkeys(i for other in step.after for i in followed.get(other, (other,))))
        earlier = {i for other in after for i in ancestors.get(other, ())}
        after = tuple(i for i in after if i not in earlier)
        ancestors[step.id] = {*earlier, *after}
        if step.after and _only_values(step, state_of(step.resource, steps[:number])):
            followed[step.id] = after
        else:
            yield replace(step, after=after)


def _only_values(step: Step, state: Fields | None) -> bool:
    def stored(spec: Mapping[str, Any] | None) -> dict[str, Any]:
        return {key: value for key, value in (spec or {}).items() if key != "enum"}

    known = state or {}
    return (
        not step.dropped
        and not step.constraints
        and all(spec and name in known and stored(spec) == stored(known[name]) for name, spec in step.fields.items())
    )
