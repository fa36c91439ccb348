"""One generated file -> what becomes of it: bytes in, bytes out.

Three versions meet: what is on disk (the user's), what was generated last (the base, from the snapshot) and what is
generated now. What only one side changed is taken; what both changed in the same lines is a conflict.
"""

from dataclasses import dataclass
from typing import Literal

from msgen.core.tree import File
from msgen.merging.baseline import Base
from msgen.merging.lock_files import merge_lock_file
from msgen.merging.text import Dress, has_markers, is_text, markers_are_own, merge_lines, sides, union
from msgen.repository.worktree import FOLDER, LINK, Disk

Action = Literal["created", "updated", "merged", "conflict", "removed", "kept", "unchanged"]
OnConflict = Literal["markers", "ours", "theirs"]
Contents = tuple[bytes, ...]

FAVOURED = {"ours": "both changed it; yours was kept", "theirs": "both changed it; msgen's was taken"}
LOCKED = "it has the packages of both; `make lock` resolves them anew"
EXECUTABLE = 0o111


@dataclass(frozen=True)
class Branch:
    """A file on one of two branches that were merged."""

    content: bytes | None
    bases: Contents
    """What msgen generated there."""


Branches = tuple[Branch, ...]
"""None, or both."""


@dataclass(frozen=True)
class Merged:
    content: bytes | None
    """None where the file is left as it is, undecided."""
    action: Action = "updated"
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """What `apply` does to one file, and why."""

    path: str
    action: Action
    reason: str = ""
    before: Disk | None = None
    after: Disk | None = None
    """The file afterwards; equal to `before` where nothing is written."""
    bases: tuple[Base, ...] = ()
    """What the snapshot says of it afterwards."""

    @property
    def writes(self) -> bool:
        return self.before != self.after


def merge(  # noqa: PLR0913 - all that decides on a file
    path: str,
    disk: Disk | None,
    bases: tuple[Base, ...],
    new: File | None,
    on_conflict: OnConflict = "markers",
    *,
    force: bool = False,
    branches: Branches = (),
) -> Change:
    """Decides on one file. `force` removes a dropped file even where the user has changed it.

    `branches` are both sides of a merge that git has made and nobody has touched since, if there was one.
    """
    if new is None:
        return _dropped(path, disk, bases, force=force)
    now = Base(new.mode, new.content, new.once)
    # What was generated each time until now is merged a last time.
    if new.once and (any(base.once for base in bases) or (disk and not bases)):
        first = tuple(Base(b.mode, b.content, once=True) for b in bases)
        return Change(path, "unchanged", "", disk, disk, first or (now,))
    if disk is None:
        if not bases:
            return Change(path, "created", "", None, Disk(new.content, new.mode), (now,))
        known = any(base.content == new.content for base in bases)
        reason = "" if known else "you deleted it; what msgen generates has changed since"
        return Change(path, "unchanged" if known else "kept", reason, None, None, (now,))
    if disk.odd:
        return _odd(path, disk, bases, now, on_conflict)
    return _both(path, disk, bases, now, on_conflict, branches)


def _dropped(path: str, disk: Disk | None, bases: tuple[Base, ...], *, force: bool) -> Change:
    if disk is None:
        return Change(path, "unchanged")
    untouched = not disk.odd and any(_undressed(disk, base.content) == base.content for base in bases)
    if untouched or (force and disk.odd != FOLDER):
        return Change(path, "removed", "nothing generates it any more", disk)
    whose = "it is yours" if any(base.once for base in bases) else "you changed it"
    return Change(path, "kept", f"{whose}; nothing generates it any more", disk, disk)


def _odd(path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict) -> Change:
    """The user has put something else in the file's place."""
    if on_conflict == "ours" or any(base.content == now.content for base in bases):
        return Change(path, "unchanged", "", disk, disk, (now,))
    if on_conflict == "theirs" and disk.odd == LINK:
        return Change(path, "updated", "the symbolic link is replaced", disk, Disk(now.content, now.mode), (now,))
    return Change(path, "conflict", f"it is {disk.odd} now, and is left as it is", disk, disk, bases)


def _both(
    path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict, branches: Branches
) -> Change:
    dress = Dress.of(disk.content, now.content)
    mine = dress.off(disk.content)
    known = tuple(base.content for base in bases)
    merged = (
        _replayed(branches, now.content)
        or _marked(mine, known, now.content, on_conflict)
        or _content(mine, known, now.content, on_conflict)
    )
    if merged.content is None:
        return Change(path, "conflict", merged.reason, disk, disk, bases)
    content = disk.content if merged.content == mine else dress.on(merged.content)
    after = Disk(content, _mode(disk, bases, now))
    if after == disk and merged.action != "conflict":
        return Change(path, "unchanged", "", disk, disk, (now,))
    return Change(path, merged.action, merged.reason, disk, after, (now,))


def _replayed(branches: Branches, new: bytes) -> Merged | None:
    """The edits that both branches made to what was generated there, made to what is generated now.

    None if there are no branches or their edits conflict.
    """
    if not branches:
        return None
    sides = [_carried(branch, new) for branch in branches]
    if any(side is None for side in sides):
        return None
    ours, theirs = (side for side in sides if side is not None)
    merged, conflicts = merge_lines(new, ours, theirs)
    return None if conflicts else Merged(merged, "merged", "git had merged it; msgen has made it anew")


def _carried(branch: Branch, new: bytes) -> bytes | None:
    """What is generated now, with the edits of one branch; None if they conflict."""
    if branch.content is None or branch.content in branch.bases:
        return None if branch.content is None and branch.bases else new
    merged, conflicts = _best(branch.bases, branch.content, new, "markers")
    return None if conflicts else merged


def _marked(mine: bytes, known: Contents, new: bytes, on_conflict: OnConflict) -> Merged | None:
    """For a file that still holds conflict markers; None where there are none, or where a side is to be taken."""
    if not has_markers(mine) or has_markers(new):
        return None
    both = sides(mine)
    if both and on_conflict != "markers" and markers_are_own(mine):
        return _content(both[on_conflict == "theirs"], known, new, on_conflict)
    if both and (settled := _settled(both, known, new)) is not None:
        return Merged(settled, "merged", "both sides of the conflict lead to this")
    if new in known:
        return Merged(mine, "conflict", "it still holds conflict markers")
    return Merged(None, "conflict", "it still holds conflict markers, and msgen has more changes for it")


def _content(mine: bytes, known: Contents, new: bytes, on_conflict: OnConflict) -> Merged:
    if mine == new or mine in known or new in known:
        return Merged(new if mine in known else mine)
    if not (is_text(mine) and is_text(new)):
        if on_conflict == "markers":
            return Merged(None, "conflict", "both changed, and its lines cannot be merged: it is left as it is")
        return Merged(mine if on_conflict == "ours" else new, "merged", FAVOURED[on_conflict])
    merged, conflicts = _best(known, mine, new, on_conflict)
    locked = _locked(mine, known, new) if conflicts else None
    if locked is not None or not conflicts:
        return Merged(merged if locked is None else locked, "merged", LOCKED if conflicts else "")
    if on_conflict == "markers":
        return Merged(
            merged, "conflict", "both changed the same lines" if known else "it was there already, and differs"
        )
    return Merged(merged, "merged", FAVOURED[on_conflict])


def _locked(mine: bytes, known: Contents, new: bytes) -> bytes | None:
    return next((merged for base in known if (merged := merge_lock_file(base, mine, new)) is not None), None)


def _best(known: Contents, mine: bytes, new: bytes, favour: OnConflict) -> tuple[bytes, int]:
    """Merges from each possible base, and from all of them taken together; the one with the fewest conflicts."""
    texts = list(dict.fromkeys(content for content in known if is_text(content)))
    bases: list[bytes | None] = [union(texts), *texts] if len(texts) > 1 else [*texts] or [None]
    return min((merge_lines(base, mine, new, favour) for base in bases), key=lambda result: result[1])


def _settled(both: tuple[bytes, bytes], known: Contents, new: bytes) -> bytes | None:
    """What both sides of a file's conflicts lead to, where that is the same.

    So it is for conflicts that git leaves where two branches generated differently: both are to become what is
    generated from the merged description, with the same edits.
    """
    ours, theirs = (_clean(side, known, new) for side in both)
    return next((result for result in ours if result in theirs), None)


def _clean(mine: bytes, known: Contents, new: bytes) -> list[bytes]:
    results = [merge_lines(content, mine, new) for content in known if is_text(content)]
    return [content for content, conflicts in results if not conflicts]


def _undressed(disk: Disk, like: bytes) -> bytes:
    return Dress.of(disk.content, like).off(disk.content)


def _mode(disk: Disk, bases: tuple[Base, ...], now: Base) -> int:
    """The file's own permissions; whether it can be executed follows msgen unless the user has changed that."""
    wanted, was = bool(now.mode & EXECUTABLE), bool(disk.mode & EXECUTABLE)
    if wanted == was or all(bool(base.mode & EXECUTABLE) != was for base in bases):
        return disk.mode
    readable = (disk.mode & 0o444) >> 2
    return disk.mode | readable if wanted else disk.mode & ~EXECUTABLE
