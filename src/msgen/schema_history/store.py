"""History of the resources: each step changes the fields of one resource and becomes a migration.

One file per service in `.msgen/models` of the user's repository. Each line is a step in JSON. Steps are immutable
and refer to their predecessors, so that git can merge branches by keeping the lines of both.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgen.core.errors import Problem, UserError
from msgen.core.naming import Name
from msgen.core.paths import MODELS
from msgen.description.model import FieldSpec
from msgen.planning.builder import resource_field
from msgen.planning.fields import Field
from msgen.planning.plan import Plan
from msgen.planning.resources import Resource, ResourceChange
from msgen.planning.service import Service
from msgen.repository import transaction, worktree
from msgen.schema_history.destructive import invented_values, lost_data, lost_values
from msgen.schema_history.step import Fields, Step, fields_after, migrating, state_of

HEADER = "# History of the resources, from which msgen generates migrations. Do not edit; msgen appends to it."

FORMER = {"string": "", "date": "1970-01-01", "datetime": "1970-01-01T00:00:00Z"}
"""Values by type for rows without one if a downgrade adds a former column again."""


@dataclass(frozen=True)
class Advance:
    """A plan with the changes of its resources."""

    plan: Plan
    records: tuple[transaction.Write, ...]
    losses: tuple[str, ...]
    """Descriptions of data loss and possible failures of the new changes."""
    notes: tuple[str, ...]
    """What else the new changes do to existing rows."""


def file_of(service: str) -> str:
    return f"{MODELS}/{service}.txt"


def advance(root: Path, plan: Plan) -> Advance:
    """Compare the resources with their history and add steps for differences."""
    services, records = [], []
    losses: list[str] = []
    notes: list[str] = []
    there = {file_of(s.name) for s in plan.services} | {f"{MODELS}/{f.name}" for f in (root / MODELS).glob("*.txt")}
    found = worktree.look(root, sorted(there))
    wanted: dict[str, bytes] = {}
    for service in plan.services:
        before = found[file_of(service.name)]
        known = _own(parse(before.content if before else b"", file_of(service.name)), service)
        new = list(_new_steps(known, service)) if service.database else []
        if known or new:
            wanted[file_of(service.name)] = _text([*known, *new])
        changes = tuple(_changes(list(migrating([*known, *new])), service))
        fresh = {step.id for step in new}
        for step in new:
            losses += lost_values(service, step.resource, state_of(step.resource, known) or {}, step.fields)
        for change in changes:
            if change.name in fresh:
                losses += lost_data(service, change)
                notes += invented_values(service, change)
        resources = tuple(replace(r, created_with=_first(r, known, service)) for r in service.resources)
        services.append(replace(service, resources=resources, changes=changes))
    for path, before in found.items():
        content = wanted.get(path)
        same = before and content and parse(before.content, path) == parse(content, path)
        if not same and (before or content):
            records.append(transaction.Write(path, before, None if content is None else worktree.Disk(content)))
    return Advance(replace(plan, services=tuple(services)), tuple(records), tuple(losses), tuple(notes))


def first_files(plan: Plan) -> dict[str, bytes]:
    """Return the history files of a new system."""
    steps = {s.name: list(_new_steps([], s)) for s in plan.services if s.database}
    return {file_of(name): _text(found) for name, found in steps.items() if found}


def parse(text: bytes, file: str) -> list[Step]:
    """Parse steps in any order, with repeats. Raises `UserError` with every damaged line."""
    found: dict[str, Step] = {}
    problems = []
    for number, row in enumerate(text.splitlines(), 1):
        if not row.startswith(b"{"):
            continue
        try:
            data = json.loads(row)
            step = Step(**{**data, "after": tuple(data["after"])})
        except (ValueError, TypeError, KeyError):
            problems.append(Problem(number, 1, "this line is damaged", "restore it from git", file))
        else:
            found[step.id] = step
    if problems:
        raise UserError(*problems)
    return _in_order(found)


def _in_order(steps: dict[str, Step]) -> list[Step]:
    """Sort steps after their predecessors, then by id."""
    left = dict(sorted(steps.items()))
    done: dict[str, Step] = {}
    while left:
        ready = [s for s in left.values() if not any(other in left for other in s.after)] or list(left.values())[:1]
        for step in ready:
            done[step.id] = left.pop(step.id)
    return list(done.values())


def _text(steps: Sequence[Step]) -> bytes:
    rows = [json.dumps(vars(step), sort_keys=True) for step in steps]
    return ("\n\n".join([HEADER, *rows]) + "\n").encode()


def _own(steps: list[Step], service: Service) -> list[Step]:
    return [step for step in steps if step.language == service.language]


def _new_steps(known: list[Step], service: Service) -> Iterator[Step]:
    current = {str(resource.name): _columns(resource.fields) for resource in service.resources}
    for name in dict.fromkeys([*current, *(step.resource for step in known)]):
        steps = [step for step in known if step.resource == name]
        followed = {other for step in steps for other in step.after}
        heads = tuple(step.id for step in steps if step.id not in followed)
        state, wanted = fields_after(steps), current.get(name)
        if wanted == state:
            continue
        if wanted is None:
            yield _step(service, name, heads, {}, dropped=True)
            continue
        changed: dict[str, dict[str, Any] | None] = dict.fromkeys(set(state or {}) - wanted.keys())
        changed |= {field: spec for field, spec in wanted.items() if (state or {}).get(field) != spec}
        yield _step(service, name, heads, changed)


def _step(
    service: Service,
    resource: str,
    after: tuple[str, ...],
    fields: Mapping[str, dict[str, Any] | None],
    *,
    dropped: bool = False,
) -> Step:
    text = json.dumps([resource, after, fields, dropped], sort_keys=True) if after else f"create {resource}"
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Step(name, str(resource), service.language, after, fields, dropped)


def _columns(fields: Sequence[Field]) -> Fields:
    found: Fields = {}
    for field in fields:
        spec: dict[str, Any] = {"type": field.type}
        spec |= {key: True for key in ("optional", "unique") if getattr(field, key)}
        if field.enum:
            spec["enum"] = sorted(field.enum)
        if field.reference:
            spec["references"] = f"{field.reference.service}.{field.reference.resource}"
        found[str(field.name)] = spec
    return found


def _first(resource: Resource, steps: Sequence[Step], service: Service) -> tuple[Field, ...]:
    """Return the fields that a resource was created with."""
    first = next((step for step in steps if step.resource == resource.name and not step.after), None)
    if first is None:
        return resource.fields
    return tuple(_field(name, spec, service) for name, spec in first.fields.items() if spec)


def _changes(steps: Sequence[Step], service: Service) -> Iterator[ResourceChange]:
    """Yield every step except first creations of resources."""
    numbers: dict[str, int] = {}
    now = {(r.name, field.name): field for r in service.resources for field in r.fields}
    for number, step in enumerate(steps):
        numbers[step.id] = max((numbers.get(other, 0) + 1 for other in step.after), default=0)
        if not step.after:
            continue
        state = state_of(step.resource, steps[:number])
        before = {n: _field(n, spec, service) for n, spec in (state or {}).items()}
        after = {
            n: _field(n, spec, service, now.get((Name(step.resource), Name(n))))
            for n, spec in step.fields.items()
            if spec
        }
        yield ResourceChange(
            name=Name(step.id),
            resource=Name(step.resource),
            after=tuple(Name(other) for other in step.after),
            number=Name(f"{numbers[step.id]:03}"),
            creates=state is None,
            drops=step.dropped,
            added=tuple(field for n, field in after.items() if n not in before),
            removed=tuple(f for n, f in before.items() if step.dropped or (n in step.fields and n not in after)),
            changed=tuple((before[n], field) for n, field in after.items() if n in before),
        )


def _field(name: str, spec: dict[str, Any], service: Service, now: Field | None = None) -> Field:
    kind = {} if spec["type"] == "enum" else {"type": spec["type"]}
    field = resource_field(Name(name), FieldSpec(**{**spec, "type": "string", **kind}), service.name)
    field = replace(field, type=spec["type"])
    if now and now.type == field.type:
        return replace(field, default=now.default, backfill=now.backfill, min=now.min, max=now.max)
    return replace(field, backfill=FORMER.get(field.type))
