"""Repository -> what is to change in it, to be in step with its description: `diff` shows it, `apply` does it."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from msgen import __version__
from msgen.commands import overrides
from msgen.core.errors import user_error
from msgen.core.paths import DESCRIPTION, VERSION
from msgen.core.tree import File, Tree
from msgen.description.source_map import read_bytes
from msgen.merging import baseline
from msgen.merging.change import Change, OnConflict, merge
from msgen.packs.pack import Pack, builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.generator import generate
from msgen.repository import transaction, worktree
from msgen.schema_history import store


@dataclass(frozen=True)
class Choice:
    """How to decide what the merge cannot."""

    default: OnConflict = "markers"
    paths: Mapping[str, OnConflict] = field(default_factory=dict)
    """For single files."""
    removed: str = ""
    """A service whose files go even where the user has changed them."""
    upgrade: bool = False
    """Whether to go over to this version's templates."""
    allow_losses: bool = False
    """Whether migrations may be made that lose data."""


@dataclass(frozen=True)
class Pending:
    """Everything that is to change."""

    root: Path
    plan: Plan | None
    changes: tuple[Change, ...]
    """One for each file that is or was generated, in order of paths."""
    records: tuple[transaction.Write, ...]
    """Snapshots to be written."""
    description: transaction.Write | None = None
    """The edited `msgen.yaml`."""
    extra: tuple[transaction.Write, ...] = ()
    """Folders to be removed."""
    losses: tuple[str, ...] = ()
    """What changes of resources lose when their migrations are run, in words."""

    @cached_property
    def shown(self) -> tuple[Change, ...]:
        """What somebody should see: not what stays as it is."""
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
    """The repository that a folder belongs to: the nearest one upwards with a description."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / DESCRIPTION).exists():
            return folder
    raise user_error(
        f"there is no {DESCRIPTION} in {start}, nor in any folder above it", "`msgen new NAME` makes a new system"
    )


def own_pack(root: Path) -> Pack:
    """The built-in templates, with those of the repository in their place."""
    return load_pack(builtin_root(), root / overrides.FOLDER)


def check_version(root: Path, *, upgrade: bool) -> None:
    """Refuses a repository of another version of msgen; an upgrade goes forward only."""
    found = worktree.look(root, [VERSION])[VERSION]
    made_by = found.content.decode("utf-8", "replace").strip() if found else __version__
    newer = _order(made_by) > _order(__version__)
    if newer or (made_by != __version__ and not upgrade):
        raise user_error(
            f"this repository is at msgen {made_by}, and this is msgen {__version__}",
            f"install msgen {made_by}" if newer else "`msgen upgrade` goes over to this version's templates",
            label(root / VERSION),
        )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def label(file: Path) -> str:
    """How a file is called in messages: as somebody would type it in the current folder."""
    return os.path.relpath(file)


@contextmanager
def opened(start: Path, *, write: bool = True) -> Iterator[tuple[Path, str]]:
    """The repository that a folder belongs to, locked, and what was done about an interrupted command."""
    root = find_root(start)
    with transaction.locked(root, shared=not write) as note:
        yield root, note


def compute(root: Path, choice: Choice | None = None, edited: bytes | None = None) -> Pending:
    """Compares the repository with its description, or with an edited one, and merges."""
    from msgen.description.loader import describe
    from msgen.description.yaml_reader import parse

    file = root / DESCRIPTION
    content = read_bytes(file) if edited is None else edited
    choice = choice or Choice()
    check_version(root, upgrade=choice.upgrade)
    pack = own_pack(root)
    plan = make_plan(describe(parse(content, label(file)), pack.languages))
    own = overrides.follow(root, pack, choice.default, upgrade=choice.upgrade)
    ahead = store.advance(root, plan)
    pending = compare(root, ahead.plan, generate(ahead.plan, own.pack), choice, own.pack)
    changes = sorted([*own.changes, *pending.changes], key=lambda change: change.path)
    pending = replace(pending, changes=tuple(changes), records=(*pending.records, *own.records, *ahead.records))
    pending = replace(pending, losses=ahead.losses)
    if edited is None:
        return pending
    before = worktree.look(root, [DESCRIPTION])[DESCRIPTION]
    if before is None or before.odd:
        raise user_error(f"{DESCRIPTION} is {before.odd if before else 'gone'}", "make the change by hand", file)
    if before.content == edited:
        return pending
    after = worktree.Disk(edited, before.mode)
    return replace(pending, description=transaction.Write(DESCRIPTION, before, after))


def compare(root: Path, plan: Plan, tree: Tree, choice: Choice, pack: Pack) -> Pending:
    bases = baseline.read_snapshots(root)
    folders = {path.rpartition("/")[0]: file for path, file in tree.items()}
    lasting = [p for p in bases if p not in tree and pack.is_lasting(p) and p.rpartition("/")[0] in folders]
    tree = {**tree, **{p: File(b"", once=True, owner=folders[p.rpartition("/")[0]].owner) for p in lasting}}
    paths = sorted(tree.keys() | bases.keys())
    found = worktree.look(root, paths)
    gone = baseline.read_snapshot(root, baseline.file_of(choice.removed)) if choice.removed else {}
    changes = tuple(
        merge(
            path,
            found[path],
            bases.get(path, ()),
            tree.get(path),
            choice.paths.get(path, choice.default),
            force=path in gone,
        )
        for path in paths
    )
    return Pending(root, plan, changes, _records(root, tree, changes))


def _records(root: Path, tree: Tree, changes: tuple[Change, ...]) -> tuple[transaction.Write, ...]:
    """The snapshots that have to be written, or removed, after the changes."""
    entries: dict[str, list[tuple[str, baseline.Base]]] = {}
    for change in changes:
        if change.bases:
            name = tree[change.path].owner or baseline.SYSTEM
            entries.setdefault(name, []).extend((change.path, base) for base in change.bases)
    wanted = {baseline.file_of(name): found for name, found in entries.items()}
    there = worktree.look(root, sorted({*wanted, *baseline.files(root)}))
    writes = []
    for path, before in there.items():
        if path not in wanted:
            writes.append(transaction.Write(path, before, None))
            continue
        content = baseline.snapshot(wanted[path], before.content if before else b"")
        if before is None or before.odd or before.content != content:
            writes.append(transaction.Write(path, before, worktree.Disk(content, before.mode if before else 0o644)))
    return tuple(writes)
