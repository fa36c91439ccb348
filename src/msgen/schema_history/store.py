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
from msgen.core.paths import MODELS
from msgen.planning.fields import Field
from msgen.planning.plan import Plan
from msgen.planning.service import Service
from msgen.repository import transaction, worktree
from msgen.schema_history.changes import as_created, resource_changes
from msgen.schema_history.destructive import effects, lost_data, lost_values, orphaned, other_language
from msgen.schema_history.renames import Rename, check_applied, possible, renamed_resources, with_renames
from msgen.schema_history.step import Fields, Step, constraints_of, fields_after, migrating, state_of

HEADER = "# History of the resources, from which msgen generates migrations. Do not edit; msgen appends to it."
REQUIRED = ("id", "resource", "language", "after", "fields", "dropped")
"""Keys of a step in its file; others may be missing."""


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
        changes = tuple(resource_changes(list(migrating([*known, *new])), service))
        fresh = {step.id for step in new}
        for step in new:
            losses += lost_values(service, step.resource, state_of(step.resource, known) or {}, step.fields)
        losses += renamed_resources(service, known, new)
        for change in changes:
            if change.name in fresh:
                renames += possible(service, change)
                losses += lost_data(service, change)
                notes += effects(service, change)
        resources = tuple(as_created(r, known, service) for r in service.resources)
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
    rows = [json.dumps({k: v for k, v in vars(step).items() if v or k in REQUIRED}, sort_keys=True) for step in steps]
    return ("\n\n".join([HEADER, *rows]) + "\n").encode()


def _new_steps(known: list[Step], service: Service, renamed: Collection[Rename] = ()) -> Iterator[Step]:
    current = {str(resource.name): _columns(resource.fields) for resource in service.resources}
    constraints = {str(resource.name): {str(c) for c in resource.constraints} for resource in service.resources}
    for name in dict.fromkeys([*current, *(step.resource for step in known)]):
        steps = [step for step in known if step.resource == name]
        followed = {other for step in steps for other in step.after}
        heads = tuple(step.id for step in steps if step.id not in followed)
        state, wanted = fields_after(steps), current.get(name)
        limits, wanted_limits = constraints_of(name, steps), constraints.get(name, set())
        if wanted == state and (wanted is None or limits == wanted_limits):
            continue
        if wanted is None:
            yield _step(service, name, heads, {}, {}, dropped=True)
            continue
        changed: dict[str, dict[str, Any] | None] = dict.fromkeys(set(state or {}) - wanted.keys())
        changed |= {field: spec for field, spec in wanted.items() if (state or {}).get(field) != spec}
        changed = with_renames(f"{service.name}.{name}", state or {}, changed, renamed)
        yield _step(service, name, heads, changed, {c: c in wanted_limits for c in limits ^ wanted_limits})


def _step(
    service: Service,
    resource: str,
    after: tuple[str, ...],
    fields: Mapping[str, dict[str, Any] | None],
    constraints: Mapping[str, bool],
    *,
    dropped: bool = False,
) -> Step:
    content = [resource, after, fields, dropped, *([constraints] if constraints else [])]
    text = json.dumps(content, sort_keys=True) if after else f"create {resource}"
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Step(name, str(resource), service.language, after, fields, dropped, constraints)


def _columns(fields: Sequence[Field]) -> Fields:
    found: Fields = {}
    for field in fields:
        value = field.item or field
        spec: dict[str, Any] = {"type": value.type}
        spec |= {key: True for key in ("optional", "owner", "unique", "index") if getattr(field, key)}
        if field.item:
            spec["list"] = True
        if value.enum:
            spec["enum"] = sorted(value.enum)
        if field.reference:
            spec["references"] = f"{field.reference.service}.{field.reference.resource}"
        found[str(field.name)] = spec
    return found
