"""Decide what happens to one generated file: bytes in, bytes out.

The three versions are the user's on disk, the baseline, and the newly generated one. A change of one side is taken;
changes of both sides to the same lines are a conflict.
"""

from dataclasses import dataclass
from typing import Literal

from msgen.core.tree import File
from msgen.merging.baseline import Base
from msgen.merging.entries import settle_entries
from msgen.merging.lock_files import merge_lock_file
from msgen.merging.text import TextFormat, has_markers, is_text, markers_are_own, merge_lines, sides, union
from msgen.repository.worktree import FOLDER, LINK, Disk

Action = Literal["created", "updated", "merged", "conflict", "removed", "kept", "unchanged"]
OnConflict = Literal["markers", "ours", "theirs"]
Contents = tuple[bytes, ...]

FAVOURED = {"ours": "both changed it; yours was kept", "theirs": "both changed it; msgen's was taken"}
LOCKED = "it has the packages of both; `make lock` resolves them anew"
EXECUTABLE = 0o111


@dataclass(frozen=True)
class Branch:
    """A file on one of two merged branches."""

    content: bytes | None
    bases: Contents
    """Baselines of the branch."""


Branches = tuple[Branch, ...]
"""None, or both."""


@dataclass(frozen=True)
class Merged:
    content: bytes | None
    """None if the file is left alone, unresolved."""
    action: Action = "updated"
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """Change of one file, with its reason."""

    path: str
    action: Action
    reason: str = ""
    before: Disk | None = None
    after: Disk | None = None
    """The file afterwards; equal to `before` if nothing is written."""
    bases: tuple[Base, ...] = ()
    """Its baseline afterwards."""
    source: str = ""
    """Former path of a file that has moved."""

    @property
    def writes(self) -> bool:
        return self.before != self.after


def merge(  # noqa: PLR0913 - everything that a decision depends on
    path: str,
    disk: Disk | None,
    bases: tuple[Base, ...],
    new: File | None,
    on_conflict: OnConflict = "markers",
    *,
    force: bool = False,
    branches: Branches = (),
) -> Change:
    """Decide what happens to a file. `force` removes a dropped file even if the user edited it.

    `branches` are both sides of a merge by git that has not been edited since, if there was one.
    """
    if new is None:
        return _dropped(path, disk, bases, force=force)
    now = Base(new.mode, new.content, new.once)
    # A file that was generated each time so far is merged once more.
    if new.once and (any(base.once for base in bases) or (disk and not bases)):
        first = tuple(Base(b.mode, b.content, once=True) for b in bases)
        return Change(path, "unchanged", "", disk, disk, first or (now,))
    if disk is None:
        if not bases:
            return Change(path, "created", "", None, Disk(new.content, new.mode), (now,))
        known = any(base.content == new.content for base in bases)
        reason = "" if known else "you deleted it; the generated file has changed since"
        return Change(path, "unchanged" if known else "kept", reason, None, None, (now,))
    if disk.odd:
        return _odd(path, disk, bases, now, on_conflict)
    return _both(path, disk, bases, now, on_conflict, branches)


def _dropped(path: str, disk: Disk | None, bases: tuple[Base, ...], *, force: bool) -> Change:
    if disk is None:
        return Change(path, "unchanged")
    untouched = not disk.odd and any(_normalized(disk, base.content) == base.content for base in bases)
    if untouched or (force and disk.odd != FOLDER):
        return Change(path, "removed", "it is no longer generated", disk)
    whose = "it is yours" if any(base.once for base in bases) else "you changed it"
    return Change(path, "kept", f"{whose}; it is no longer generated", disk, disk)


def _odd(path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict) -> Change:
    """Handle a file that the user replaced by something else."""
    if on_conflict == "ours" or any(base.content == now.content for base in bases):
        return Change(path, "unchanged", "", disk, disk, (now,))
    if on_conflict == "theirs" and disk.odd == LINK:
        return Change(path, "updated", "the symbolic link is replaced", disk, Disk(now.content, now.mode), (now,))
    return Change(path, "conflict", f"it is now {disk.odd}, left unchanged", disk, disk, bases)


def _both(
    path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict, branches: Branches
) -> Change:
    style = TextFormat.of(disk.content, now.content)
    mine = style.remove(disk.content)
    known = tuple(base.content for base in bases)
    merged = (
        _replayed(branches, now.content)
        or _marked(mine, known, now.content, on_conflict)
        or _content(mine, known, now.content, on_conflict)
    )
    if merged.content is None:
        return Change(path, "conflict", merged.reason, disk, disk, bases)
    content = disk.content if merged.content == mine else style.restore(merged.content)
    after = Disk(content, _mode(disk, bases, now))
    if after == disk and merged.action != "conflict":
        return Change(path, "unchanged", "", disk, disk, (now,))
    return Change(path, merged.action, merged.reason, disk, after, (now,))


def _replayed(branches: Branches, new: bytes) -> Merged | None:
    """Apply the edits of both branches to the newly generated file.

    Returns None if there are no branches, or if the edits conflict.
    """
    if not branches:
        return None
    sides = [_carried(branch, new) for branch in branches]
    if any(side is None for side in sides):
        return None
    ours, theirs = (side for side in sides if side is not None)
    merged, conflicts = merge_lines(new, ours, theirs)
    return None if conflicts else Merged(merged, "merged", "generated again from both sides of the merge")


def _carried(branch: Branch, new: bytes) -> bytes | None:
    """Apply the edits of one branch to the newly generated file; None if they conflict."""
    if branch.content is None or branch.content in branch.bases:
        return None if branch.content is None and branch.bases else new
    merged, conflicts = _best(branch.bases, branch.content, new, "markers")
    return None if conflicts else merged


def _marked(mine: bytes, known: Contents, new: bytes, on_conflict: OnConflict) -> Merged | None:
    """Handle a file with conflict markers; None if it has none, or if one side is taken."""
    if not has_markers(mine) or has_markers(new):
        return None
    both = sides(mine)
    if both and on_conflict != "markers" and markers_are_own(mine):
        return _content(both[on_conflict == "theirs"], known, new, on_conflict)
    if both and (settled := _settled(both, known, new)) is not None:
        return Merged(settled, "merged", "both sides of the conflict lead to the same result")
    if new in known:
        return Merged(mine, "conflict", "it still holds conflict markers")
    return Merged(None, "conflict", "it still holds conflict markers, and msgen has more changes for it")


def _content(mine: bytes, known: Contents, new: bytes, on_conflict: OnConflict) -> Merged:
    if mine == new or mine in known or new in known:
        return Merged(new if mine in known else mine)
    if not (is_text(mine) and is_text(new)):
        if on_conflict == "markers":
            return Merged(None, "conflict", "both changed, and it is not text: left unchanged")
        return Merged(mine if on_conflict == "ours" else new, "merged", FAVOURED[on_conflict])
    merged, conflicts = _best(known, mine, new, on_conflict)
    locked = _locked(mine, known, new) if conflicts else None
    if locked is not None or not conflicts:
        return Merged(merged if locked is None else locked, "merged", LOCKED if conflicts else "")
    settled = settle_entries(_best(known, mine, new, "markers")[0])
    if has_markers(settled) and on_conflict != "markers":
        return Merged(merged, "merged", FAVOURED[on_conflict])
    reason = "both changed the same lines" if known else "it already existed, and differs"
    return Merged(settled, "conflict", reason) if has_markers(settled) else Merged(settled, "merged")


def _locked(mine: bytes, known: Contents, new: bytes) -> bytes | None:
    return next((merged for base in known if (merged := merge_lock_file(base, mine, new)) is not None), None)


def _best(known: Contents, mine: bytes, new: bytes, favour: OnConflict) -> tuple[bytes, int]:
    """Merge from each possible base and from their union; return the result with the fewest conflicts."""
    texts = list(dict.fromkeys(content for content in known if is_text(content)))
    bases: list[bytes | None] = [union(texts), *texts] if len(texts) > 1 else [*texts] or [None]
    return min((merge_lines(base, mine, new, favour) for base in bases), key=lambda result: result[1])


def _settled(both: tuple[bytes, bytes], known: Contents, new: bytes) -> bytes | None:
    """Return the merge that both sides of a file's conflicts lead to, if it is the same.

    That resolves git's conflicts between branches that generated differently: both sides become what is generated from
    the merged description, with the same edits.
    """
    ours, theirs = (_clean(side, known, new) for side in both)
    return next((result for result in ours if result in theirs), None)


def _clean(mine: bytes, known: Contents, new: bytes) -> list[bytes]:
    results = [merge_lines(content, mine, new) for content in known if is_text(content)]
    return [content for content, conflicts in results if not conflicts]


def _normalized(disk: Disk, like: bytes) -> bytes:
    return TextFormat.of(disk.content, like).remove(disk.content)


def _mode(disk: Disk, bases: tuple[Base, ...], now: Base) -> int:
    """Keep the file's permissions; the executable bit follows msgen unless the user changed it."""
    wanted, was = bool(now.mode & EXECUTABLE), bool(disk.mode & EXECUTABLE)
    if wanted == was or all(bool(base.mode & EXECUTABLE) != was for base in bases):
        return disk.mode
    readable = (disk.mode & 0o444) >> 2
    return disk.mode | readable if wanted else disk.mode & ~EXECUTABLE
