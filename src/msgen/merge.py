"""One generated file -> what becomes of it: bytes in, bytes out.

Three versions meet: what is on disk (the user's), what was generated last (the base, from the snapshot) and what is
generated now. What only one side changed is taken; what both changed in the same lines is a conflict.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msgen.lines import Dress, has_markers, is_text, merge_lines, sides, union
from msgen.render import File
from msgen.snapshots import Base

Action = Literal["created", "updated", "merged", "conflict", "removed", "kept", "unchanged"]
OnConflict = Literal["markers", "ours", "theirs"]
EXECUTABLE = 0o111


@dataclass(frozen=True)
class Disk:
    """What stands at a path; nothing of it is followed or opened but a regular file."""

    content: bytes = b""
    mode: int = 0o644
    odd: str = ""
    """What it is, where it is no regular file: `a symbolic link`, `a folder`…"""


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


def merge(
    path: str,
    disk: Disk | None,
    bases: tuple[Base, ...],
    new: File | None,
    on_conflict: OnConflict = "markers",
    *,
    force: bool = False,
) -> Change:
    """Decides on one file. `force` removes a dropped file even where the user has changed it."""
    if new is None:
        return _dropped(path, disk, bases, force=force)
    now = Base(new.mode, new.content, new.once)
    if new.once and (disk or bases):
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
    return _both(path, disk, bases, now, on_conflict)


def _dropped(path: str, disk: Disk | None, bases: tuple[Base, ...], *, force: bool) -> Change:
    if disk is None:
        return Change(path, "unchanged")
    untouched = not disk.odd and any(_undressed(disk, base.content) == base.content for base in bases)
    if untouched or (force and disk.odd != "a folder"):
        return Change(path, "removed", "nothing generates it any more", disk)
    whose = "it is yours" if any(base.once for base in bases) else "you changed it"
    return Change(path, "kept", f"{whose}; nothing generates it any more", disk, disk)


def _odd(path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict) -> Change:
    """The user has put something else in the file's place."""
    if on_conflict == "ours" or any(base.content == now.content for base in bases):
        return Change(path, "unchanged", "", disk, disk, (now,))
    if on_conflict == "theirs" and disk.odd == "a symbolic link":
        return Change(path, "updated", "the symbolic link is replaced", disk, Disk(now.content, now.mode), (now,))
    return Change(path, "conflict", f"it is {disk.odd} now, and is left as it is", disk, disk, bases)


def _both(path: str, disk: Disk, bases: tuple[Base, ...], now: Base, on_conflict: OnConflict) -> Change:
    dress = Dress.of(disk.content, now.content)
    mine = dress.off(disk.content)
    mode = _mode(disk, bases, now)

    def change(action: Action, content: bytes, reason: str = "") -> Change:
        after = Disk(disk.content if content == mine else dress.on(content), mode)
        if after == disk and action != "conflict":
            return Change(path, "unchanged", "", disk, disk, (now,))
        return Change(path, action, reason, disk, after, (now,))

    def unsettled(reason: str) -> Change:
        return Change(path, "conflict", reason, disk, disk, bases)

    marked = has_markers(mine) and not has_markers(now.content)
    if marked and on_conflict != "markers" and (both := sides(mine)):
        mine = both[on_conflict == "theirs"]
        marked = False
    if marked:
        if (settled := _settle(mine, bases, now.content)) is not None:
            return change("merged", settled, "both sides of the conflict lead to this")
        if any(base.content == now.content for base in bases):
            return change("conflict", mine, "it still holds conflict markers")
        return unsettled("it still holds conflict markers; msgen has more changes for it once they are settled")
    if mine == now.content or any(base.content == mine for base in bases):
        return change("updated", now.content)
    if any(base.content == now.content for base in bases):
        return change("updated", mine)
    if not (is_text(mine) and is_text(now.content)):
        if on_conflict == "markers":
            return unsettled("both changed, and lines cannot be merged: it is left as it is")
        return change("merged", mine if on_conflict == "ours" else now.content, _favoured(on_conflict))
    if not bases:
        merged, conflicts = merge_lines(None, mine, now.content, on_conflict)
        reason = "it was there already, and differs"
    else:
        merged, conflicts = _best(bases, mine, now.content, on_conflict)
        reason = "both changed the same lines"
    if conflicts and on_conflict == "markers":
        return change("conflict", merged, reason)
    return change("merged", merged, _favoured(on_conflict) if conflicts else "")


def _best(bases: Iterable[Base], mine: bytes, new: bytes, favour: OnConflict) -> tuple[bytes, int]:
    """Merges from each possible base, and from all of them taken together; the one with the fewest conflicts."""
    known = list(dict.fromkeys(base.content for base in bases if is_text(base.content)))
    candidates = [union(known), *known] if len(known) > 1 else known or [b""]
    return min((merge_lines(base, mine, new, favour) for base in candidates), key=lambda result: result[1])


def _settle(marked: bytes, bases: tuple[Base, ...], new: bytes) -> bytes | None:
    """What both sides of a file's conflicts lead to, where that is the same.

    So it is for conflicts that git leaves where two branches generated differently: both are to become what is
    generated from the merged description, with the same edits.
    """
    both = sides(marked)
    if not both or not bases:
        return None
    ours, theirs = (_clean(side, bases, new) for side in both)
    return next((result for result in ours if result in theirs), None)


def _clean(mine: bytes, bases: tuple[Base, ...], new: bytes) -> list[bytes]:
    results = [merge_lines(base.content, mine, new) for base in bases if is_text(base.content)]
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


def _favoured(on_conflict: OnConflict) -> str:
    return "both changed it; yours was kept" if on_conflict == "ours" else "both changed it; msgen's was taken"
