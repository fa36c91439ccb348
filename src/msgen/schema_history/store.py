"""History of the resources: each step changes the fields of one resource and becomes a migration.

One file per service in `.msgen/models` of the user's repository. Each line is a step in JSON. Steps are immutable
and refer to their predecessors, so that git can merge branches by keeping the lines of both.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from msgen.core.errors import Problem, UserError
from msgen.core.naming import Name
from msgen.core.paths import MODELS
from msgen.description.field_model import FieldSpec
from msgen.planning.builder import resource_field
from msgen.planning.fields import Field
from msgen.planning.plan import Plan
from msgen.planning.resources import Resource, ResourceChange
from msgen.planning.service import Service
from msgen.repository import transaction, worktree
from msgen.schema_history.destructive import effects, lost_data, lost_values, orphaned, other_language
from msgen.schema_history.renames import Rename, check_applied, possible, renamed_resources, with_renames
from msgen.schema_history.step import Fields, Step, column, fields_after, migrating, state_of

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
    renames: tuple[Rename, ...]
    """Removed and added fields of the new changes that may be the same."""


def file_of(service: str) -> str:
    return f"{MODELS}/{service}.txt"


def advance(root: Path, plan: Plan, renamed: Collection[Rename] = ()) -> Advance:
    """Compare the resources with their history and add steps for differences."""
    services, records = [], []
    losses: list[str] = []
    notes: list[str] = []
    there = {file_of(s.name) for s in plan.services} | {f"{MODELS}/{f.name}" for f in (root / MODELS).glob("*.txt")}
    found = worktree.look(root, sorted(there))
    wanted: dict[str, bytes] = {}
    first: dict[str, list[Step]] = {}
    added: dict[str, list[Step]] = {}
    renames: list[Rename] = []
    for service in plan.services:
        before = found[file_of(service.name)]
        recorded = parse(before.content if before else b"", file_of(service.name))
        notes += other_language(service, recorded)
        known = [replace(step, language=service.language) for step in recorded]
        new = list(_new_steps(known, service, renamed)) if service.database else []
        added[service.name] = new
        if new and not known:
            first[service.name] = new
        if known or new:
            wanted[file_of(service.name)] = _text([*known, *new])
        changes = tuple(_changes(list(migrating([*known, *new])), service))
        fresh = {step.id for step in new}
        for step in new:
            losses += lost_values(service, step.resource, state_of(step.resource, known) or {}, step.fields)
        losses += renamed_resources(service, known, new)
        for change in changes:
            if change.name in fresh:
                renames += possible(service, change)
                losses += lost_data(service, change)
                notes += effects(service, change)
        resources = tuple(replace(r, created_with=_first(r, known, service)) for r in service.resources)
        services.append(replace(service, resources=resources, changes=changes))
    there -= {file_of(s.name) for s in plan.services}
    former = {PurePath(path).stem: parse(disk.content, path) for path in there if (disk := found[path])}
    losses += orphaned(former, first)
    check_applied(renamed, added)
    for path, before in found.items():
        content = wanted.get(path)
        same = before and content and parse(before.content, path) == parse(content, path)
        if not same and (before or content):
            records.append(transaction.Write(path, before, None if content is None else worktree.Disk(content)))
    return Advance(replace(plan, services=tuple(services)), tuple(records), tuple(losses), tuple(notes), tuple(renames))


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


def _new_steps(known: list[Step], service: Service, renamed: Collection[Rename] = ()) -> Iterator[Step]:
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
        changed = with_renames(f"{service.name}.{name}", state or {}, changed, renamed)
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
        value = field.item or field
        spec: dict[str, Any] = {"type": value.type}
        spec |= {key: True for key in ("optional", "owner", "unique") if getattr(field, key)}
        if field.item:
            spec["list"] = True
        if value.enum:
            spec["enum"] = sorted(value.enum)
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
    for number, step in enumerate(steps):
        numbers[step.id] = max((numbers.get(other, 0) + 1 for other in step.after), default=0)
        if step.after:
            yield _change(step, numbers[step.id], state_of(step.resource, steps[:number]), service)


def _change(step: Step, number: int, state: Fields | None, service: Service) -> ResourceChange:
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
    )


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
