"""Compare a repository with the generated tree, file by file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgen.core.tree import File, Tree
from msgen.merging import baseline
from msgen.merging.branches import merged_branches
from msgen.merging.change import Change, OnConflict, merge
from msgen.merging.moves import merge_once, move, moved_paths
from msgen.merging.text import has_markers, markers_are_own
from msgen.packs.pack import Pack
from msgen.repository import worktree
from msgen.repository.transaction import Write
from msgen.repository.worktree import Disk
from msgen.schema_history.renames import Rename


@dataclass(frozen=True)
class Choice:
    """How to resolve what the merge cannot."""

    default: OnConflict = "markers"
    paths: Mapping[str, OnConflict] = field(default_factory=dict)
    """Overrides by path."""
    removed: str = ""
    """Service whose files are removed even if edited."""
    upgrade: bool = False
    """Whether to upgrade to this version's templates."""
    allow_losses: bool = False
    """Whether migrations may lose data."""
    renamed: tuple[Rename, ...] = ()
    """Fields that have another name now."""


def compare(root: Path, tree: Tree, choice: Choice, pack: Pack) -> tuple[list[Change], tuple[Write, ...]]:
    """Compute the change of each generated file, and the baselines to write."""
    bases = baseline.read_snapshots(root)
    folders = {path.rpartition("/")[0]: file for path, file in tree.items()}
    lasting = [p for p in bases if p not in tree and pack.is_lasting(p) and p.rpartition("/")[0] in folders]
    tree = {
        **tree,
        **{p: File(bases[p][0].content, once=True, owner=folders[p.rpartition("/")[0]].owner) for p in lasting},
    }
    paths = sorted(tree.keys() | bases.keys())
    found = worktree.look(root, paths)
    gone = baseline.read_snapshot(root, baseline.file_of(choice.removed)) if choice.removed else {}
    moves = moved_paths(pack.moved, bases, tree, found)
    merged = merged_branches(root, dict(_mixed(tree, bases, found)))
    moved = {path for pair in moves.items() for path in pair}
    changes = [
        merge(
            path,
            found[path],
            bases.get(path, ()),
            tree.get(path),
            choice.paths.get(path, choice.default),
            force=path in gone,
            branches=merged.get(path, ()),
        )
        for path in paths
        if path not in moved
    ]
    for old, new in moves.items():
        changes += move(old, new, found[old], bases[old], tree[new], choice.paths.get(new, choice.default))
    changes = [_following(change, pack, tree, moves, bases, choice) for change in changes]
    return changes, _records(root, tree, changes)


def _mixed(tree: Tree, bases: baseline.Bases, found: Mapping[str, Disk | None]) -> Iterator[tuple[str, bytes]]:
    """Return files that a merge of branches may have produced: with git's markers, or with several bases."""
    for path in tree:
        there = found[path]
        if there and not there.odd:
            marked = has_markers(there.content) and not markers_are_own(there.content)
            if marked or len({base.content for base in bases.get(path, ())}) > 1:
                yield path, there.content


def _following(
    change: Change, pack: Pack, tree: Tree, moves: Mapping[str, str], bases: baseline.Bases, choice: Choice
) -> Change:
    """If files of a service have moved, also merge its once-written files: these import what has moved."""
    path, there = change.path, change.before
    file, known = tree.get(path), bases.get(path, ())
    owners = {tree[new].owner for new in moves.values()}
    if not (file and file.once and file.owner in owners and there and not there.odd and known):
        return change
    if change.writes or pack.is_lasting(path):
        return change
    followed = merge_once(path, there, known, file, choice.paths.get(path, choice.default))
    if followed.action == "conflict":
        return replace(followed, reason="modules that it imports have moved, and you changed the same lines")
    return followed


def _records(root: Path, tree: Tree, changes: Iterable[Change]) -> tuple[Write, ...]:
    """Return the baselines to write or remove after the changes."""
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
            writes.append(Write(path, before, None))
            continue
        content = baseline.snapshot(wanted[path], before.content if before else b"")
        if before is None or before.odd or before.content != content:
            writes.append(Write(path, before, worktree.Disk(content, before.mode if before else 0o644)))
    return tuple(writes)
