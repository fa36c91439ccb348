"""`msgen add-service` and `remove-service`: edit the description and apply it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

from msgen.commands import reconcile
from msgen.commands.apply import Done, carry_out, warnings
from msgen.commands.comparison import Choice
from msgen.commands.reconcile import Pending
from msgen.core.errors import quoted, user_error
from msgen.core.paths import DESCRIPTION
from msgen.description.event_patterns import matches
from msgen.description.field_notation import named_fields
from msgen.description.model import Description
from msgen.description.resources import ACTIONS, event_name, resource_events
from msgen.description.source_map import read_bytes
from msgen.description.yaml_editor.editor import Add, Drop, Edit, Remove, edited
from msgen.merging import baseline
from msgen.planning.builder import make_plan
from msgen.planning.service import Service
from msgen.rendering.renderer import provided_lists
from msgen.repository import transaction, worktree

LEFT_BEHIND = "left_behind"
"""List to which packs add the commands that delete what a removed service leaves."""
LISTS = ("calls", "sends", "consumes", "publishes", "subscribes")

Agree = Callable[[Pending], bool]
"""Shows pending changes and returns whether to apply them."""


@dataclass(frozen=True)
class NewService:
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    """Given values of `description`, `language`, `blueprint`, `database` and `port`."""
    resources: Sequence[str] = ()
    """`order`, or `order:total=decimal,note=text?`."""
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """`calls`, `sends`…; a new queue or event includes its fields: `mail:to=email`; an event of a
    resource those that it carries: `order.created:total`."""


def add_service(start: Path, new: NewService, choice: Choice | None = None, agree: Agree | None = None) -> Done:
    """Add a service to the description and generate it. Raises `UserError`."""
    with reconcile.opened(start) as (root, note):
        description, content = _read(root)
        if new.name in description.services:
            raise user_error(
                f"there is a service called {quoted(new.name)} already", file=reconcile.label(root / DESCRIPTION)
            )
        return _edit(root, content, list(_additions(description, new)), choice or Choice(), agree, note)


def remove_service(
    start: Path,
    name: str,
    *,
    force: bool = False,
    cascade: bool = False,
    choice: Choice | None = None,
    agree: Agree | None = None,
) -> Done:
    """Remove a service and its files; files that the user edited are removed only with `force`.

    Dependencies of other services are removed with `cascade`; without it they are an error. Raises `UserError`.
    """
    with reconcile.opened(start) as (root, note):
        description, content = _read(root)
        if name not in description.services:
            known = ", ".join(description.services)
            raise user_error(
                f"there is no service called {quoted(name)}", f"there are {known}", reconcile.label(root / DESCRIPTION)
            )
        others = list(_consequences(description, name))
        if others and not cascade:
            told = "; ".join(map(_in_words, others))
            raise user_error(
                f"other parts of the system need {quoted(name)}: {told}",
                "change them first, or remove them as well with --cascade",
                reconcile.label(root / DESCRIPTION),
            )
        choice = replaced(choice or Choice(), removed=name if force else "")
        edits = [*others, Remove(("services", name))]
        done = _edit(root, content, edits, choice, agree, note)
        if done.pending.description is None:
            return done
        plan = make_plan(description)
        commands = provided_lists(plan, reconcile.own_pack(root))[name].get(LEFT_BEHIND, ())
        return replaced(done, notes=(*done.notes, *_left_behind(plan.service(name), done.pending, commands)))


def _edit(root: Path, content: bytes, edits: Sequence[Edit], choice: Choice, agree: Agree | None, note: str) -> Done:
    pending = reconcile.compute(root, choice, edited(content, edits, reconcile.label(root / DESCRIPTION)))
    if choice.removed:
        pending = replaced(pending, extra=tuple(_left_folders(root, pending, choice.removed)))
    if agree and not agree(pending):
        nothing = replaced(pending, changes=(), records=(), description=None, extra=())
        return Done(nothing, ("Nothing was changed.", *warnings(pending)))
    return carry_out(pending, note)


def _read(root: Path) -> tuple[Description, bytes]:
    from msgen.description.loader import describe
    from msgen.description.yaml_reader import parse

    content = read_bytes(root / DESCRIPTION)
    source = parse(content, reconcile.label(root / DESCRIPTION))
    return describe(source, reconcile.own_pack(root, source).vocabulary), content


def _additions(description: Description, new: NewService) -> Iterator[Edit]:
    """Yield edits for new queues and events, then for the service."""
    service: dict[str, Any] = dict(new.settings)
    named = [named_fields(text, "--resource") for text in new.resources]
    if repeated := next((name for name, _ in named if [n for n, _ in named].count(name) > 1), ""):
        raise user_error(f"--resource: {quoted(repeated)} is given twice", "name all of its fields in one")
    resources = dict(named)
    if resources:
        service["resources"] = {name: fields or {"name": "string"} for name, fields in resources.items()}
    declared: set[str] = set()
    implicit = {event_name(resource, action) for resource in resources for action in ACTIONS}
    for key in LISTS:
        named = [named_fields(text, f"--{key}") for text in new.lists.get(key, ())]
        if named:
            service[key] = [{name: list(fields)} if fields and name in implicit else name for name, fields in named]
        kind = "queues" if key in ("sends", "consumes") else "events"
        for name, fields in named:
            if not fields or name in implicit:
                continue
            if name in declared or name in getattr(description, kind):
                raise user_error(f"--{key}: {quoted(name)} is declared already", "give its name without fields")
            declared.add(name)
            yield Add((kind, name), fields)
    yield Add(("services", new.name), service)


def _consequences(description: Description, name: str) -> Iterator[Drop | Remove]:
    """Yield edits for calls to a removed service, and for queues and events left without a partner."""
    gone = description.services[name]
    others = {other: spec for other, spec in description.services.items() if other != name}
    yield from _drops(others, "calls", {name})
    lonely = {
        queue
        for queue in (*gone.sends, *gone.consumes)
        if not any(queue in s.sends for s in others.values()) or not any(queue in s.consumes for s in others.values())
    }
    for key in ("sends", "consumes"):
        yield from _drops(others, key, lonely)
    yield from (Remove(("queues", queue)) for queue in description.queues if queue in lonely)
    published = {event for spec in others.values() for event in spec.emitted}
    silent = {event for event in gone.emitted if event not in published}
    left = published | {event for event in description.events if event not in silent}
    for other, spec in others.items():
        for pattern in spec.subscribes:
            if any(matches(pattern, e) for e in silent) and not any(matches(pattern, e) for e in left):
                yield Drop(("services", other, "subscribes"), pattern)
    implicit = resource_events(description)
    yield from (Remove(("events", event)) for event in description.events if event in silent and event not in implicit)


def _drops(others: dict[str, Any], key: str, items: set[str]) -> Iterator[Drop]:
    for other, spec in others.items():
        yield from (Drop(("services", other, key), item) for item in getattr(spec, key) if item in items)


def _in_words(edit: Drop | Remove) -> str:
    where = ".".join(edit.where)
    return f"{where} names {edit.item}" if isinstance(edit, Drop) else f"{where} is used by nobody else"


def _left_behind(gone: Service, pending: Pending, commands: Sequence[str]) -> Iterator[str]:
    """Describe what removing a service from the description does not remove, and how to remove it."""
    name = gone.name
    kept = [change.path for change in pending.changes if change.action == "kept" and f"/{name}/" in change.path]
    if kept:
        yield f"Files of {name} that you have written or changed are kept: delete them by hand if you do not need them."
    if gone.database:
        yield f"The database of {name} stays, with its data, in every environment: drop it there when it is not needed."
    if gone.consumes or gone.subscribes:
        yield f"The queues of {name} stay in every broker and fill up: delete them there."
    if commands:
        yield f"When {name} no longer runs anywhere, these commands delete what stays:"
        yield from (f"  {line}" for command in commands for line in command.splitlines())


def _left_folders(root: Path, pending: Pending, name: str) -> Iterator[transaction.Write]:
    """Yield removals of directories that have the service's name and contained its files."""
    paths = baseline.read_snapshot(root, baseline.file_of(name))
    folders = {folder for path in paths for folder in worktree.parents(path) if folder.rpartition("/")[2] == name}
    for folder, there in worktree.look(root, sorted(folders)).items():
        inside = any(other != folder and folder.startswith(f"{other}/") for other in folders)
        generated = any(c.after and c.path.startswith(f"{folder}/") for c in pending.changes if c.bases)
        if there and there.odd == worktree.FOLDER and not inside and not generated:
            yield transaction.Write(folder, there, None)
