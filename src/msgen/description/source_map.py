"""Text of a description, with the location of every part of its data."""

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgen.core.errors import Problem, UserError, quoted, user_error
from msgen.core.paths import DESCRIPTION

LARGEST = 256 * 1024
"""Maximum size of a description in bytes."""
MOST_PROBLEMS = 100
"""Maximum number of problems to report."""

LONGEST_PATH = 4096

Where = tuple[str | int, ...]
"""Path to a part of the data: `("services", "orders", "calls", 0)`."""

LINE = re.compile("\r\n|\r|\n")
NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Span:
    """A range within a line; line and column start at 1, `width` is in characters."""

    line: int
    column: int
    width: int


@dataclass(frozen=True)
class Source:
    """A parsed description; `data` consists of dicts with text keys, lists, str, int, float, bool and None."""

    file: str
    lines: list[str]
    data: Any = None
    keys: dict[Where, Span] = field(default_factory=dict)
    values: dict[Where, Span] = field(default_factory=dict)
    """Locations of scalars and list items; a collection is located by its key."""
    empty: list[Where] = field(default_factory=list)
    """Locations of keys and list items without a value."""
    problems: list[Problem] = field(default_factory=list)
    """Problems of the text that did not stop the reader."""

    def text(self, where: Where) -> str:
        """Return the source text of a scalar; empty if there is none."""
        span = self.values.get(where)
        return self.lines[span.line - 1][span.column - 1 :][: span.width] if span else ""

    def problem(self, where: Where, message: str, hint: str = "", *, key: bool = False, code: str = "yaml") -> Problem:
        """Locate a problem at a part of the data or its key, or else at the nearest parent."""
        found = self.keys.get(where) if key else None
        while found is None and where:
            found = self.values.get(where) or self.keys.get(where)
            where = where[:-1]
        return self.problem_at(found or Span(1, 1, 1), message, hint, code=code)

    def problem_at(self, span: Span, message: str, hint: str = "", *, code: str = "yaml") -> Problem:
        text = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        return Problem(span.line, span.column, message, hint, self.file, text, span.width, code)


def read_bytes(path: Path) -> bytes:
    """Read a regular file of limited size. Raises `UserError`."""
    file = str(path)
    try:
        kind = path.stat()  # before opening it, since a pipe would block
        if stat.S_ISDIR(kind.st_mode):
            inside = quoted(path / DESCRIPTION, LONGEST_PATH)
            raise user_error("this is a directory, not a file", f"did you mean {inside}?", file)
        if not stat.S_ISREG(kind.st_mode):
            raise user_error("this is not a regular file", "write the description to a file", file)
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1) if kind.st_size <= LARGEST else b""
    except FileNotFoundError:
        raise user_error("there is no such file", _other_files(path.parent), file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise user_error(f"cannot read this file: {reason}", "check its name and its permissions", file) from None
    if not max(kind.st_size, len(content)) <= LARGEST:
        raise user_error(f"this file is larger than {LARGEST // 1024} KiB", "is it a system description?", file)
    return content


def _other_files(folder: Path) -> str:
    try:
        others = sorted(file.name for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))[:5]
    except FileNotFoundError:
        return f"there is no folder {quoted(folder, LONGEST_PATH)} either"
    except OSError:
        others = []
    return "its folder has " + ", ".join(quoted(name) for name in others) if others else "check its name"


def read_lines(content: bytes | str, file: str) -> Source:
    """Decode a source, without data yet. Raises `UserError` with the location if it is not UTF-8 text."""
    text = content if isinstance(content, str) else _decode(content, file)
    source = Source(file, LINE.split(text.removeprefix("\ufeff")))
    found = []
    for number, line in enumerate(source.lines, 1):
        if match := NOT_TEXT.search(line):
            message = f"a character that is not text: U+{ord(match[0]):04X}"
            found.append(source.problem_at(Span(number, match.start() + 1, 1), message, "remove it"))
    if found:
        raise UserError(*found[:MOST_PROBLEMS])
    return source


def _decode(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise user_error("this file is UTF-16", "save it as UTF-8", file)
    if b"\0" in content:
        raise user_error("this is a binary file, not text", "a description is a YAML file", file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = LINE.split(content[: error.start].decode("utf-8"))
        message = f"byte 0x{content[error.start]:02X} is not UTF-8 text"
        hint = "save the file as UTF-8"
        raise UserError(Problem(len(before), len(before[-1]) + 1, message, hint, file)) from None
