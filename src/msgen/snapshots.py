"""Snapshots: what msgen wrote last, kept in the user's repository as the base of later three-way merges.

One text file per service and one for the rest of the system, all in `.msgen/base`. Each line is one generated file:
its path (percent-encoded), its mode (octal permissions, or `once` for one that is the user's own), and its content
(zlib, base64). Lines are sorted by path and stand for themselves, so that git can merge two branches' snapshots by
keeping the lines of both (`merge=union`); what looks like two versions of a file after that are two possible bases.
"""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote

from msgen.errors import Problem, UserError
from msgen.render import File, Tree

FOLDER = ".msgen/base"
SYSTEM = "_system"
"""Name of the snapshot of what belongs to no service; no service can be called so."""

HEADER = "# What msgen generated last, the base that it merges with. It updates this file; please leave it as it is.\n"
ONCE = "once"
# Left by a merge that did not know of merge=union.
CONFLICT_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@dataclass(frozen=True)
class Base:
    """A generated file as a snapshot remembers it."""

    mode: int = 0o644
    content: bytes = b""
    once: bool = False
    """Delivered once; neither mode nor content is remembered."""


Bases = Mapping[str, tuple[Base, ...]]
"""Path -> what it may have been: more than one where branches that generated differently were merged."""


def snapshots(tree: Tree) -> dict[str, bytes]:
    """The snapshot files of a tree: path -> content."""
    lines: dict[str, list[str]] = {SYSTEM: []}
    for path, file in tree.items():
        lines.setdefault(file.owner or SYSTEM, []).append(line(path, base_of(file)))
    return {f"{FOLDER}/{name}.txt": (HEADER + "".join(sorted(found))).encode() for name, found in lines.items()}


def base_of(file: File) -> Base:
    return Base(once=True) if file.once else Base(file.mode, file.content)


def line(path: str, base: Base) -> str:
    name = quote(path, safe="/", errors="surrogatepass")
    if base.once:
        return f"{name} {ONCE}\n"
    return f"{name} {base.mode:o} {_packed(base.content)}\n"


@cache
def _packed(content: bytes) -> str:
    """Kept, because services have many files in common, lock files above all."""
    return b64encode(zlib.compress(content)).decode()


def read_snapshots(root: Path) -> Bases:
    """All snapshots of a repository; empty where it has none. Raises `UserError` where one is damaged."""
    found: dict[str, tuple[Base, ...]] = {}
    for file in sorted((root / FOLDER).glob("*.txt")):
        for path, bases in parse(file.read_bytes(), str(file)).items():
            found[path] = tuple(dict.fromkeys((*found.get(path, ()), *bases)))
    return found


def parse(text: bytes, file: str = "") -> Bases:
    """Reads a snapshot, in any order of lines and with any repeats. Raises `UserError` naming each damaged line."""
    found: dict[str, tuple[Base, ...]] = {}
    problems = []
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith((b"#", *(marker.encode() for marker in CONFLICT_MARKERS))):
            continue
        try:
            path, base = _parse_line(row.decode("ascii").split())
        except (ValueError, binascii.Error, zlib.error):
            problems.append(Problem(number, 1, "this line of the snapshot is damaged", "restore it from git", file))
        else:
            found[path] = tuple(dict.fromkeys((*found.get(path, ()), base)))
    if problems:
        raise UserError(*problems)
    return found


def _parse_line(words: Iterable[str]) -> tuple[str, Base]:
    path, mode, *rest = words
    name = unquote(path, errors="surrogatepass")
    if mode == ONCE and not rest:
        return name, Base(once=True)
    (packed,) = rest
    return name, Base(int(mode, 8), zlib.decompress(b64decode(packed, validate=True)))
