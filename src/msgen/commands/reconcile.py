"""Compute the changes that reconcile a repository with its description."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from packaging.version import InvalidVersion, Version

from msgen import __version__
from msgen.commands import overrides
from msgen.commands.comparison import Choice, compare
from msgen.commands.importers import stale_imports
from msgen.core.errors import quoted, user_error
from msgen.core.paths import DESCRIPTION, VERSION
from msgen.description.source_map import Source, read_bytes
from msgen.description.yaml_reader import parse
from msgen.merging.change import Change
from msgen.packs.external import named_packs
from msgen.packs.pack import Pack, builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.generator import generate
from msgen.repository import transaction, worktree
from msgen.repository.lock import locked
from msgen.schema_history import store
from msgen.schema_history.renames import Rename


@dataclass(frozen=True)
class Pending:
    """Pending changes of a repository."""

    root: Path
    plan: Plan | None
    changes: tuple[Change, ...]
    """One per generated file, sorted by path."""
    records: tuple[transaction.Write, ...]
    """Baselines and models to write."""
    description: transaction.Write | None = None
    """The edited `msgen.yaml`."""
    extra: tuple[transaction.Write, ...] = ()
    """Directories to remove."""
    losses: tuple[str, ...] = ()
    """Descriptions of the data that migrations would lose."""
    allow_losses: bool = False
    notes: tuple[str, ...] = ()
    """What else the changes do: to existing rows, and to modules of the user's own."""
    renames: tuple[Rename, ...] = ()
    """Fields that may have another name now."""

    @cached_property
    def shown(self) -> tuple[Change, ...]:
        """Changes except of unchanged files."""
        return tuple(change for change in self.changes if change.action != "unchanged")

    @property
    def conflicts(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.action == "conflict")

    @property
    def in_step(self) -> bool:
        return not (self.shown or self.records or self.description or self.extra)

    @property
    def writes(self) -> list[transaction.Write]:
        files = [transaction.Write(c.path, c.before, c.after) for c in self.changes if c.writes]
        return [*([self.description] if self.description else []), *files, *self.records, *self.extra]


def find_root(start: Path) -> Path:
    """Return the nearest parent directory with a description."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / DESCRIPTION).exists():
            return folder
    raise user_error(
        f"there is no {DESCRIPTION} in {start}, nor in any parent directory",
        "create a system with `msgen new NAME`",
        code="no-repository",
    )


def own_pack(root: Path, source: Source | None = None) -> Pack:
    """Return the built-in pack, with the packs that the description names and the repository's overrides."""
    if source is None:
        source = parse(read_bytes(root / DESCRIPTION), label(root / DESCRIPTION))
    return load_pack(builtin_root(), root / overrides.FOLDER, named_packs(source, root))


def check_version(root: Path, *, upgrade: bool) -> None:
    """Raise `UserError` if another version generated the repository; upgrades go forward only."""
    found = worktree.look(root, [VERSION])[VERSION]
    made_by = found.content.decode("utf-8", "replace").strip() if found else __version__
    if made_by == __version__:
        return
    newer = _version(root, made_by) > Version(__version__)
    if newer or not upgrade:
        raise user_error(
            f"this repository is at msgen {made_by}, and this is msgen {__version__}",
            f"install msgen {made_by}" if newer else "`msgen upgrade` goes over to this version's templates",
            label(root / VERSION),
            code="version",
        )


def _version(root: Path, text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise user_error(
            f"{quoted(text)} is not a version of msgen", "restore it from git", label(root / VERSION)
        ) from None


def label(file: Path) -> str:
    """Return a file's path relative to the current directory, for messages."""
    return os.path.relpath(file)


@contextmanager
def opened(start: Path, *, write: bool = True) -> Iterator[tuple[Path, str]]:
    """Lock the repository of a directory; yield it with a note about a recovered command."""
    root = find_root(start)
    with locked(root, shared=not write) as note:
        yield root, note


def compute(root: Path, choice: Choice | None = None, edited: bytes | None = None) -> Pending:
    """Compare the repository with its description, or an edited one, and merge."""
    from msgen.description.loader import describe

    file = root / DESCRIPTION
    content = read_bytes(file) if edited is None else edited
    choice = choice or Choice()
    check_version(root, upgrade=choice.upgrade)
    source = parse(content, label(file))
    pack = own_pack(root, source)
    plan = make_plan(describe(source, pack.vocabulary))
    own = overrides.follow(root, pack, choice.default, upgrade=choice.upgrade)
    ahead = store.advance(root, plan, choice.renamed)
    changes, records = compare(root, generate(ahead.plan, own.pack), choice, own.pack)
    moves = [(change.source, change.path) for change in changes if change.source]
    pending = Pending(
        root,
        ahead.plan,
        tuple(sorted([*own.changes, *changes], key=lambda change: change.path)),
        (*records, *own.records, *ahead.records),
        losses=ahead.losses,
        allow_losses=choice.allow_losses,
        notes=(*ahead.notes, *stale_imports(root, changes, moves)),
        renames=ahead.renames,
    )
    if edited is None:
        return pending
    before = worktree.look(root, [DESCRIPTION])[DESCRIPTION]
    if before is None or before.odd:
        raise user_error(f"{DESCRIPTION} is {before.odd if before else 'gone'}", "make the change by hand", file)
    if before.content == edited:
        return pending
    after = worktree.Disk(edited, before.mode)
    return replace(pending, description=transaction.Write(DESCRIPTION, before, after))
