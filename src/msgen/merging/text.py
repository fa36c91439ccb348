"""Text files: BOM, line endings and final newline, three-way merges, conflict markers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from msgen.merging.diff3 import Lines, Region, merge_three, merge_two

OURS, BASE, MIDDLE, THEIRS = b"<<<<<<< ", b"||||||| ", b"=======", b">>>>>>> "
LABELS = {OURS: b"yours", BASE: b"msgen, before", THEIRS: b"msgen, now"}

# Git widens the markers of files that it has renamed.
MARKER = re.compile(rb"([<|>])\1{6,} |(=){7,}\r?\n?\Z")
SIDE_MARKER = re.compile(rb"^([<>])\1{6,} ", re.MULTILINE)


@dataclass(frozen=True)
class TextFormat:
    """BOM, line endings and final newline of a text file, which editors and git change as a whole."""

    bom: bool
    crlf: bool
    open_end: bool
    """No newline after the last line."""

    @classmethod
    def of(cls, content: bytes, like: bytes) -> "TextFormat":
        """Return the differences in format between two files."""
        ends = content.count(b"\n")
        return cls(
            bom=content.startswith(b"\xef\xbb\xbf") and not like.startswith(b"\xef\xbb\xbf"),
            crlf=0 < ends == content.count(b"\r\n") and b"\r\n" not in like,
            open_end=content != b"" and not content.endswith(b"\n") and like.endswith(b"\n"),
        )

    def remove(self, content: bytes) -> bytes:
        content = content[3:] if self.bom else content
        content = content.replace(b"\r\n", b"\n") if self.crlf else content
        return content + b"\n" if self.open_end else content

    def restore(self, content: bytes) -> bytes:
        content = content[:-1] if self.open_end and content.endswith(b"\n") else content
        content = content.replace(b"\n", b"\r\n") if self.crlf else content
        return b"\xef\xbb\xbf" + content if self.bom else content


def is_text(content: bytes) -> bool:
    """Return whether a content is UTF-8 text."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def merge_lines(base: bytes | None, ours: bytes, theirs: bytes, favour: str = "markers") -> tuple[bytes, int]:
    """Merge two versions with their base, or without one; return the result and the number of conflicts.

    In a conflict, `favour` selects the lines of `ours` or `theirs`, or both between markers.
    """
    out: list[bytes] = []
    conflicts = 0
    for conflict, before, mine, new in _regions(base, ours, theirs):
        if not conflict:
            out += mine
            continue
        conflicts += 1
        match favour:
            case "ours":
                out += mine
            case "theirs":
                out += new
            case _:
                out += _marked(None if base is None else before, mine, new)
    return b"".join(out), conflicts


def union(contents: Sequence[bytes]) -> bytes:
    """Return the lines of all versions, common lines once."""
    return reduce(lambda one, two: b"".join(b"".join((*a, *b)) for _, _, a, b in _regions(None, one, two)), contents)


def _regions(base: bytes | None, ours: bytes, theirs: bytes) -> Iterator[Region]:
    """Merge lines; a side that changed only white space does not conflict."""
    mine, new = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    if base is None:
        yield from merge_two(mine, new)
        return
    for region in merge_three(base.splitlines(keepends=True), mine, new):
        layout = [_layout(lines) for lines in region[1:]]
        if not region.conflict or layout[2] in layout[:2]:
            yield Region(False, (), region.ours, ())
        elif layout[1] == layout[0]:
            yield Region(False, (), region.theirs, ())
        else:
            yield region


def _layout(lines: Lines) -> list[bytes]:
    """Remove trailing white space and empty lines."""
    return [line.rstrip() for line in lines if line.strip()]


def _marked(base: Lines | None, ours: Lines, theirs: Lines) -> Iterator[bytes]:
    yield OURS + LABELS[OURS] + b"\n"
    yield from _closed(ours)
    if base is not None:
        yield BASE + LABELS[BASE] + b"\n"
        yield from _closed(base)
    yield MIDDLE + b"\n"
    yield from _closed(theirs)
    yield THEIRS + LABELS[THEIRS] + b"\n"


def _closed(lines: Lines) -> Iterator[bytes]:
    """End every line, so that a marker can follow."""
    return (line if line.endswith(b"\n") else line + b"\n" for line in lines)


def has_markers(content: bytes) -> bool:
    """Return whether a file contains conflict markers, of msgen or git."""
    return bool(SIDE_MARKER.search(content))


def markers_are_own(content: bytes) -> bool:
    """Return whether all conflicts are msgen's; in git's, both sides are the user's."""
    rows = [row.rstrip(b"\r") for row in content.split(b"\n")]
    return all(row == OURS + LABELS[OURS] for row in rows if _marker(row)[0] == b"<")


def sides(content: bytes) -> tuple[bytes, bytes] | None:
    """Return both sides of a file with conflict markers, or None if the markers are incomplete."""
    ours: list[bytes] = []
    theirs: list[bytes] = []
    into: tuple[list[bytes], ...] = (ours, theirs)
    state, width = "", 0
    order = {"": b"<", "ours": b"=", "base": b"=", "theirs": b">"}
    for line in content.splitlines(keepends=True):
        mark, size = _marker(line)
        is_marker = mark != b"" and width in (0, size)
        if is_marker and state == "ours" and mark == b"|":
            state, into = "base", ()
        elif is_marker and mark == order[state]:
            state = {"": "ours", "ours": "theirs", "base": "theirs", "theirs": ""}[state]
            into = {"ours": (ours,), "theirs": (theirs,), "": (ours, theirs)}[state]
            width = size if state else 0
        elif is_marker and mark in b"<>":
            return None
        else:
            for side in into:
                side.append(line)
    return None if state else (b"".join(ours), b"".join(theirs))


def _marker(line: bytes) -> tuple[bytes, int]:
    """Return the character and the width of a conflict marker, or nothing."""
    found = MARKER.match(line)
    mark = (found[1] or found[2]) if found else b""
    return mark, len(line) - len(line.lstrip(mark)) if mark else 0
