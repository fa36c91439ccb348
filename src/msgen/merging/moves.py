"""Move the user's edits and the baseline of files that are now generated at another path."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgen.core.tree import File, Tree
from msgen.merging.baseline import Base, Bases
from msgen.merging.change import Change, OnConflict, merge
from msgen.repository.worktree import Disk

Found = Mapping[str, Disk | None]


def moved_paths(patterns: Mapping[str, str], bases: Bases, tree: Tree, found: Found) -> dict[str, str]:
    """Map old to new paths. In a pattern, `*` is the name of a directory or file, the same on both sides.

    A path moves if it is in the baseline and no longer generated, and its new path does not exist yet.
    """
    moves: dict[str, str] = {}
    gone = sorted(path for path in bases if path not in tree)
    for old, new in patterns.items():
        matcher = re.compile("([^/]+)".join(map(re.escape, old.split("*"))))
        for path in gone:
            if match := matcher.fullmatch(path):
                target = _filled(new, match.groups())
                free = target in tree and target not in bases and not found.get(target)
                there = found.get(path)
                if free and target not in moves.values() and not (there and there.odd):
                    moves.setdefault(path, target)
    return moves


def _filled(pattern: str, names: tuple[str, ...]) -> str:
    first, *rest = pattern.split("*")
    return first + "".join(name + part for name, part in zip(names, rest, strict=False))


def move(
    old: str, new: str, disk: Disk | None, bases: tuple[Base, ...], file: File, on_conflict: OnConflict
) -> Iterator[Change]:
    """Merge a file at its new path, and remove it from the old one."""
    merged = merge_once(new, disk, bases, file, on_conflict)
    if merged.after:
        action = merged.action if merged.action in ("merged", "conflict") else "updated"
        reason = f"moved from {old}" + (f"; {merged.reason}" if merged.reason else "")
        merged = replace(merged, action=action, reason=reason, before=None)
    yield replace(merged, source=old)
    yield Change(old, "removed", f"moved to {new}", disk) if disk else Change(old, "unchanged")


def merge_once(
    path: str, disk: Disk | None, bases: tuple[Base, ...], file: File, on_conflict: OnConflict = "markers"
) -> Change:
    """Merge a file as if it were generated each time, even if it is written once."""
    known = tuple(replace(base, once=False) for base in bases)
    change = merge(path, disk, known, replace(file, once=False), on_conflict)
    return replace(change, bases=tuple(replace(base, once=file.once) for base in change.bases))
