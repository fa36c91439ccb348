"""Text -> plain data and the place of each part of it: the strict part of YAML that a description is written in.

Left out are the parts of YAML that surprise (tags, anchors, merge keys, `no` for false, 1:30 for 90), and whatever is
too large or too deep to have been written by a person.
"""

import math
import os
import re
import stat
from dataclasses import dataclass, field
from typing import Any

import yaml

from msgen.errors import Problem, UserError, quoted, user_error
from msgen.yamlwords import explain_syntax

LARGEST = 256 * 1024
"""Bytes that a description may have."""
DEEPEST = 16
MOST_PROBLEMS = 100

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]
"""Keys and positions that lead to a part of the data: `("services", "orders", "calls", 0)`."""

NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
LINE = re.compile("\r\n|\r|\n")
PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
PLAIN_NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
# Text to YAML 1.1, a number to YAML 1.2, and so to some editors and tools.
NUMBER_TO_OTHERS = re.compile(r"[-+]?(0o[0-7]+|0[0-9]+|([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+)")


@dataclass(frozen=True)
class Span:
    """A place in the text; line and column count from 1, `width` is in characters of that line."""

    line: int
    column: int
    width: int


@dataclass(frozen=True)
class Source:
    """A description as it was read: `data` is dicts with text keys, lists, str, int, float, bool and None."""

    file: str
    lines: list[str]
    data: Any = None
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    """Places of scalars; a mapping or a list is shown by its key, or by its first line where it has none."""
    empty: list[Path] = field(default_factory=list)
    """Keys and list items without a value."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the text; reading went on where it could."""

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem with a part of the data, or with its key; what has no place is shown at what holds it."""
        found = self.keys.get(path) if key else self.values.get(path) or self.keys.get(path)
        while found is None and path:
            path = path[:-1]
            found = self.values.get(path) or self.keys.get(path)
        return self.problem_at(found or Span(1, 1, 1), message, hint)

    def problem_at(self, span: Span, message: str, hint: str = "") -> Problem:
        text = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        return Problem(span.line, span.column, message, hint, self.file, text, span.width)


def read_source(path: str | os.PathLike[str]) -> Source:
    """Reads a file. Raises UserError where it cannot be read or is no YAML at all."""
    return parse(_read(os.fspath(path)), os.fspath(path))


def _read(file: str) -> bytes:
    try:
        kind = os.stat(file)  # first, so that a pipe does not block and a huge file is not read
        if stat.S_ISDIR(kind.st_mode):
            inside = os.path.join(file, "msgen.yaml")
            raise user_error("this is a directory, not a file", f"did you mean {quoted(inside)}?", file)
        if not stat.S_ISREG(kind.st_mode):
            raise user_error("this is not a regular file", "write the description to a file", file)
        if kind.st_size > LARGEST:
            raise _too_large(file)
        with open(file, "rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise user_error("there is no such file", _other_files(file), file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise user_error(f"cannot read this file: {reason}", "check its name and its permissions", file) from None
    if len(content) > LARGEST:
        raise _too_large(file)
    return content


def _too_large(file: str) -> UserError:
    return user_error(f"this file is larger than {LARGEST // 1024} KiB", "is it a system description?", file)


def _other_files(file: str) -> str:
    folder = os.path.dirname(file) or "."
    if not os.path.isdir(folder):
        return f"there is no folder {quoted(folder)} either"
    others = sorted(name for name in os.listdir(folder) if name.endswith((".yaml", ".yml")))[:5]
    return (
        "there is " + ", ".join(quoted(os.path.join(os.path.dirname(file), name)) for name in others) if others else ""
    )


def parse(content: bytes | str, file: str = "") -> Source:
    """Reads text. Raises UserError, with all that could be found, where the text is broken."""
    text = content if isinstance(content, str) else _decode(content, file)
    text = text.removeprefix("\ufeff")
    source = Source(file, LINE.split(text))
    _refuse_binary(source)
    reader = _Reader(source, Loader(text))
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        source.problems.append(explain_syntax(source, error))
        data = None
    except _Stop:
        data = None
    source.problems.extend(_tabs(source, reader.texts, broken=data is None))
    if data is None:
        raise UserError(*sorted(set(source.problems)))
    return Source(file, source.lines, data, source.keys, source.values, source.empty, source.problems)


def _decode(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise user_error("this file is UTF-16", "save it as UTF-8", file)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = LINE.split(content[: error.start].decode("utf-8"))
        if b"\0" in content:
            raise user_error("this is a binary file, not text", "", file) from None
        byte = content[error.start]
        line = Problem(
            len(before), len(before[-1]) + 1, f"byte 0x{byte:02X} is not UTF-8 text", "save the file as UTF-8", file
        )
        raise UserError(line) from None


def _refuse_binary(source: Source) -> None:
    found = []
    for number, line in enumerate(source.lines, 1):
        if match := NOT_TEXT.search(line):
            message = f"a character that is not text: U+{ord(match[0]):04X}"
            found.append(source.problem_at(Span(number, match.start() + 1, 1), message, "remove it"))
    if found:
        raise UserError(*found[:MOST_PROBLEMS])


def _tabs(source: Source, texts: set[int], *, broken: bool) -> list[Problem]:
    """Tabs that indent; `texts` are the lines within texts, as far as known: of broken YAML only what is sure is told."""
    found = []
    for number, line in enumerate(source.lines, 1):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        indents = indent.startswith("\t") if broken else "\t" in indent
        if indents and indent != line and number not in texts and line[len(indent)] != "#":
            span = Span(number, indent.index("\t") + 1, 1)
            found.append(source.problem_at(span, "a tab in the indentation", "indent with spaces"))
    return found[:MOST_PROBLEMS]


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


class _Stop(Exception):
    """Nothing sensible can be read from here on; the reason is among the problems."""


class _Reader:
    """Builds plain data from the parser's events. Not the composer's nodes: these have forgotten aliases and anchors."""

    def __init__(self, source: Source, loader: Any) -> None:
        self.source = source
        self.loader = loader
        self.texts: set[int] = set()

    def document(self) -> Any:
        self.loader.get_event()
        if isinstance(self.loader.get_event(), yaml.StreamEndEvent):
            raise user_error("this file is empty", "`msgen new` writes an example", self.source.file)
        data = self.node(self.loader.get_event(), ())
        self.loader.get_event()
        after = self.loader.get_event()
        if isinstance(after, yaml.DocumentStartEvent):
            self.complain(after, "a second document starts here", "one file describes one system: remove this line")
        if data is None and not self.source.problems:
            raise user_error("this file is empty", "`msgen new` writes an example", self.source.file)
        return data

    def node(self, event: Any, path: Path) -> Any:
        """The data that starts with an event; takes all of its events from the loader."""
        if isinstance(event, yaml.AliasEvent):
            self.source.values[path] = self.span(event)
            text = f"*{event.anchor}"
            self.complain(
                event, f"{quoted(text)} refers to an anchor", f'write the value out, or "{text}" if it is text'
            )
            return None
        if event.anchor:
            self.complain(
                event, f"anchors such as {quoted('&' + event.anchor)} are not read", "write the value out each time"
            )
        if event.tag:
            self.complain(
                event,
                f"tags such as {quoted(_tag(event.tag))} are not read",
                "remove it; quote text that starts with '!'",
            )
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path)
        if len(path) >= DEEPEST:
            self.complain(event, "nested too deeply", f"a description has at most {DEEPEST} levels")
            raise _Stop
        if path not in self.source.keys:
            self.source.values[path] = self.span(event)
        return self.mapping(path) if isinstance(event, yaml.MappingStartEvent) else self.sequence(path)

    def mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            key = self.key(event, path)
            place = (*path, key)
            if key in found:
                first = self.source.keys[place].line
                self.complain(
                    event, f"{quoted(key)} is given twice", f"the first is in line {first}; remove one of them"
                )
                self.node(self.loader.get_event(), (*path, f"{key} (again)"))
            else:
                self.source.keys[place] = self.span(event)
                found[key] = self.node(self.loader.get_event(), place)
        return found

    def sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            found.append(self.node(event, (*path, len(found))))
        return found

    def key(self, event: Any, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self.complain(event, "a key must be plain text", "quote it if it is meant as text")
            raise _Stop
        if event.anchor or event.tag:
            self.complain(event, "a key must be plain text", "remove its anchor or tag")
        text: str = event.value
        kind = self.kind(event)
        if kind == "merge":
            self.complain(event, "merge keys ('<<') are not read", "write the keys out")
        elif kind in ("null", "bool", "int", "float"):
            reading = {"null": "nothing", "bool": "true or false"}.get(kind, "a number")
            hint = f"write it in quotes: '{text}'" if text else "give it a name"
            self.complain(event, f"the key {quoted(text)} is read as {reading}", hint)
        return text

    def scalar(self, event: Any, path: Path) -> Any:
        """A scalar's value; one that is read in a surprising way is refused, and stands for its text."""
        self.source.values[path] = self.span(event)
        text: str = event.value
        if event.end_mark.line > event.start_mark.line:
            self.texts.update(range(event.start_mark.line + 2, event.end_mark.line + 2))
        kind = self.kind(event)
        if kind == "null":
            self.source.empty.append(path)
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and PLAIN_INTEGER.fullmatch(text):
            return int(text)
        if kind == "float" and PLAIN_NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        if kind in ("bool", "int", "float") or (event.implicit[0] and NUMBER_TO_OTHERS.fullmatch(text)):
            self.surprise(event, kind)
        return text

    def surprise(self, event: Any, kind: str) -> None:
        text = event.value
        if kind == "bool":
            value = "true" if text.lower() in ("yes", "on") else "false"
            self.complain(
                event, f"{quoted(text)} is read as {value}", f"write {value}, or '{text}' in quotes for the text"
            )
        elif PLAIN_INTEGER.fullmatch(text[:18]) and text[-1:].isdigit() and len(text) > 18:
            self.complain(event, "a number with too many digits", "write it in quotes if it is text")
        else:
            message = f"{quoted(text)} is a number to some readers of YAML and text to others"
            self.complain(event, message, f"write '{text}' in quotes for the text, or a plain decimal number")

    def kind(self, event: Any) -> str:
        """What YAML 1.1 takes a scalar for: `str`, `null`, `bool`, `int`, `float`, `timestamp`, `merge` or `value`."""
        if not event.implicit[0]:
            return "str"
        tag: str = self.loader.resolve(yaml.ScalarNode, event.value, (True, False))
        return tag.rpartition(":")[2]

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line = self.source.lines[start.line] if start.line < len(self.source.lines) else ""
        stop = end.column if end.line == start.line else len(line.rstrip())
        return Span(start.line + 1, start.column + 1, max(1, stop - start.column))

    def complain(self, event: Any, message: str, hint: str) -> None:
        self.source.problems.append(self.source.problem_at(self.span(event), message, hint))
        if len(self.source.problems) >= MOST_PROBLEMS:
            raise _Stop
