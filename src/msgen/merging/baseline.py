"""Baselines: what msgen generated last, kept in the user's repository as bases of three-way merges.

One text file per service and one for the rest of the system, in `.msgen/base`. Each line is a generated file: path
(percent-encoded), mode (octal permissions, or `once` for a file that belongs to the user once written), and content
(zlib, base64). Lines are sorted and independent, so that git can merge branches by keeping the lines of both
(`merge=union`); two versions of a file are then two possible bases. Empty lines separate entries, so that git does not
take changes of neighbouring entries for a conflict.
"""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote

from msgen.core.errors import Problem, UserError, user_error
from msgen.core.paths import BASELINES
from msgen.core.tree import File, Tree

SYSTEM = "_system"
"""Name of the system's baseline; no service can have it."""

TEMPLATES = "_templates"
"""Name of the baseline of overridden built-in templates."""

HEADER = "# What msgen generated last, the base that it merges with. It updates this file; please leave it as it is.\n"
ONCE = "once"
# Left by a merge without the union driver.
CONFLICT_MARKERS = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")


@dataclass(frozen=True)
class Base:
    """A generated file as recorded in a baseline."""

    mode: int = 0o644
    content: bytes = b""
    once: bool = False
    """Written once, and the user's since."""


Bases = Mapping[str, tuple[Base, ...]]
"""Possible bases by path; several if branches that generated differently were merged."""


def snapshots(tree: Tree) -> dict[str, bytes]:
    """Return the baseline files of a new tree."""
    entries: dict[str, list[tuple[str, Base]]] = {SYSTEM: []}
    for path, file in tree.items():
        entries.setdefault(file.owner or SYSTEM, []).append((path, base_of(file)))
    return {file_of(name): snapshot(found) for name, found in entries.items()}


def snapshot(entries: Iterable[tuple[str, Base]], previous: bytes = b"") -> bytes:
    """Format a baseline; return the previous content if it is equivalent, whatever its compression."""
    entries = sorted(set(entries), key=lambda entry: line(*entry))
    marked = any(row.startswith(CONFLICT_MARKERS) for row in previous.splitlines())
    if previous and not marked and _entries(previous) == entries:
        return previous
    return "\n".join([HEADER, *(line(path, base) for path, base in entries)]).encode()


def _entries(text: bytes) -> list[tuple[str, Base]] | None:
    with suppress(UserError):
        return sorted(((p, b) for p, bases in parse(text).items() for b in bases), key=lambda entry: line(*entry))
    return None


def base_of(file: File) -> Base:
    return Base(0o644 if file.once else file.mode, file.content, file.once)


def line(path: str, base: Base) -> str:
    name = quote(path, safe="/", errors="surrogatepass")
    kind = ONCE if base.once else f"{base.mode:o}"
    return f"{name} {kind} {_packed(base.content)}\n"


@lru_cache(maxsize=1024)
def _packed(content: bytes) -> str:
    """Compress a content; cached, since services share many files."""
    return b64encode(zlib.compress(content)).decode()


def file_of(name: str) -> str:
    """Return the path of the baseline of a service, or of `SYSTEM`."""
    return f"{BASELINES}/{name}.txt"


def files(root: Path) -> list[str]:
    """Return the paths of all baselines of generated files."""
    return [file_of(file.stem) for file in sorted((root / BASELINES).glob("*.txt")) if file.stem != TEMPLATES]


def read_snapshots(root: Path) -> Bases:
    """Read all baselines of a repository. Raises `UserError` if one is damaged."""
    found: dict[str, tuple[Base, ...]] = {}
    for file in files(root):
        for path, bases in read_snapshot(root, file).items():
            found[path] = tuple(dict.fromkeys((*found.get(path, ()), *bases)))
    return found


def read_snapshot(root: Path, file: str) -> Bases:
    """Read one baseline; empty if it does not exist."""
    try:
        return parse((root / file).read_bytes(), str(root / file))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise user_error(f"cannot read this file: {error.strerror}", file=root / file) from error


def parse(text: bytes, file: str = "") -> Bases:
    """Parse a baseline with lines in any order. Raises `UserError` with every damaged line."""
    found: dict[str, tuple[Base, ...]] = {}
    problems = []
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith((b"#", *CONFLICT_MARKERS)):
            continue
        try:
            path, base = _parse_line(row.decode("ascii").split())
        except (ValueError, binascii.Error, zlib.error):
            problems.append(Problem(number, 1, "this line of the baseline is damaged", "restore it from git", file))
        else:
            found[path] = tuple(dict.fromkeys((*found.get(path, ()), base)))
    if problems:
        raise UserError(*problems)
    return found


def _parse_line(words: Iterable[str]) -> tuple[str, Base]:
    path, kind, packed = words
    name = unquote(path, errors="surrogatepass")
    content = zlib.decompress(b64decode(packed, validate=True))
    return name, Base(content=content, once=True) if kind == ONCE else Base(int(kind, 8), content)
