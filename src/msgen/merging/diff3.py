"""Three-way merge of sequences of lines, with the regions that `git merge-file --diff3` would report.

`git merge-file` costs a process per file (20 ms against 0.2 ms), and upgrades merge hundreds. Both agree whenever the
lines that two versions share can be aligned in one way only; among several alignments of repeated lines each has its
own choice.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

Lines = Sequence[bytes]


class Region(NamedTuple):
    """A run of lines, merged or in conflict."""

    conflict: bool
    base: Lines
    ours: Lines
    """The merged lines, unless there is a conflict."""
    theirs: Lines


class Match(NamedTuple):
    """Equal lines at two places."""

    a: int
    b: int
    size: int


class Unchanged(NamedTuple):
    """Base lines that both sides kept."""

    base: int
    ours: int
    theirs: int
    size: int


def merge_three(base: Lines, ours: Lines, theirs: Lines) -> Iterator[Region]:
    """Take lines that one side changed; report a conflict where both changed the same or adjacent lines."""
    at = Unchanged(0, 0, 0, 0)
    for kept in [*_unchanged(base, ours, theirs), Unchanged(len(base), len(ours), len(theirs), 0)]:
        before = base[at.base + at.size : kept.base]
        mine = ours[at.ours + at.size : kept.ours]
        new = theirs[at.theirs + at.size : kept.theirs]
        if mine in (before, new):
            yield Region(False, (), new, ())
        elif new == before:
            yield Region(False, (), mine, ())
        else:
            yield Region(True, before, mine, new)
        yield Region(False, (), base[kept.base : kept.base + kept.size], ())
        at = kept


def merge_two(ours: Lines, theirs: Lines) -> Iterator[Region]:
    """Merge versions without a common base: whatever differs is a conflict."""
    at = Match(0, 0, 0)
    for match in [*_matches(ours, theirs), Match(len(ours), len(theirs), 0)]:
        mine, new = ours[at.a + at.size : match.a], theirs[at.b + at.size : match.b]
        if mine or new:
            yield Region(True, (), mine, new)
        yield Region(False, (), ours[match.a : match.a + match.size], ())
        at = match


def _unchanged(base: Lines, ours: Lines, theirs: Lines) -> Iterator[Unchanged]:
    """Intersect what the base shares with each side."""
    mine, new = _matches(base, ours), _matches(base, theirs)
    while mine and new:
        one, two = mine[0], new[0]
        start = max(one.a, two.a)
        end = min(one.a + one.size, two.a + two.size)
        if start < end:
            yield Unchanged(start, one.b + start - one.a, two.b + start - two.a, end - start)
        (mine if one.a + one.size < two.a + two.size else new).pop(0)


def _matches(a: Lines, b: Lines) -> list[Match]:
    """Align equal lines; common lines at both ends are matched first, as git does."""
    start, shorter = 0, min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[len(a) - 1 - end] == b[len(b) - 1 - end]:
        end += 1
    inner = SequenceMatcher(None, a[start : len(a) - end], b[start : len(b) - end], autojunk=False)
    found = [Match(i + start, j + start, size) for i, j, size in inner.get_matching_blocks()]
    return [m for m in (Match(0, 0, start), *found, Match(len(a) - end, len(b) - end, end)) if m.size]
