"""Steps of the history as changes of resources, each of which is a migration."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgen.core.naming import Name
from msgen.description.field_model import FieldSpec
from msgen.planning.constraints import Constraint
from msgen.planning.fields import Field
from msgen.planning.resource_builder import resource_field
from msgen.planning.resources import Resource, ResourceChange
from msgen.planning.service import Service
from msgen.schema_history.step import Fields, Step, column, constraints_of, state_of

FORMER = {"string": "", "date": "1970-01-01", "datetime": "1970-01-01T00:00:00Z"}
"""Values by type for rows without one if a downgrade adds a former column again."""


def as_created(resource: Resource, steps: Sequence[Step], service: Service) -> Resource:
    """Return a resource with the fields and constraints that it was created with."""
    first = next((step for step in steps if step.resource == resource.name and not step.after), None)
    if first is None:
        return replace(resource, created_with=resource.fields, constrained_with=resource.constraints)
    fields = tuple(_field(name, spec, service) for name, spec in first.fields.items() if spec)
    return replace(resource, created_with=fields, constrained_with=_parsed(first.constraints))


def resource_changes(steps: Sequence[Step], service: Service) -> Iterator[ResourceChange]:
    """Yield every step except first creations of resources."""
    numbers: dict[str, int] = {}
    for number, step in enumerate(steps):
        numbers[step.id] = max((numbers.get(other, 0) + 1 for other in step.after), default=0)
        if step.after:
            limits = constraints_of(step.resource, steps[:number])
            yield _change(step, numbers[step.id], state_of(step.resource, steps[:number]), limits, service)


def _change(step: Step, number: int, state: Fields | None, limits: set[str], service: Service) -> ResourceChange:
    now = {field.name: field for r in service.resources if r.name == step.resource for field in r.fields}
    before = {n: _field(n, spec, service) for n, spec in (state or {}).items()}
    specs = {n: spec for n, spec in step.fields.items() if spec}
    after = {n: _field(n, spec, service, now.get(Name(n))) for n, spec in specs.items()}
    source = {n: spec["renamed_from"] for n, spec in specs.items() if spec.get("renamed_from") in before}
    same = {n for n, old in source.items() if column(specs[n]) == (state or {})[old]}
    former = before | {n: replace(before[old], name=Name(n)) for n, old in source.items()}
    return ResourceChange(
        name=Name(step.id),
        resource=Name(step.resource),
        after=tuple(Name(other) for other in step.after),
        number=Name(f"{number:03}"),
        creates=state is None,
        drops=step.dropped,
        added=tuple(field for n, field in after.items() if n not in former),
        removed=tuple(
            field
            for n, field in before.items()
            if step.dropped or (n in step.fields and n not in after and n not in source.values())
        ),
        renamed=tuple((before[old], former[n]) for n, old in source.items()),
        changed=tuple((former[n], field) for n, field in after.items() if n in former and n not in same),
        constrained=_parsed(text for text, there in step.constraints.items() if there),
        released=_parsed(limits if step.dropped else (text for text in step.constraints if text in limits)),
    )


def _parsed(texts: Iterable[str]) -> tuple[Constraint, ...]:
    return tuple(Constraint.parse(text) for text in sorted(texts))


def _field(name: str, spec: dict[str, Any], service: Service, now: Field | None = None) -> Field:
    spec = column(spec)
    owner = spec.pop("owner", False)
    kind = {} if spec["type"] == "enum" else {"type": spec["type"]}
    field = resource_field(Name(name), FieldSpec(**{**spec, "type": "string", **kind}), service.name)
    if field.item:
        return replace(field, item=replace(field.item, type=spec["type"]))
    field = replace(field, type=spec["type"], owner=owner)
    if now and now.type == field.type:
        return replace(field, default=now.default, backfill=now.backfill, min=now.min, max=now.max)
    return replace(field, backfill=FORMER.get(field.type))
