"""Parse the strict subset of YAML that descriptions use, with locations.

Rejects what surprises (tags, anchors, merge keys, `no` for false, 1:30 for 90) and what nobody writes by hand.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml

from msgen.core.errors import Problem, UserError, quoted, user_error
from msgen.description.source_map import MOST_PROBLEMS, Source, Span, Where, read_lines
from msgen.description.syntax_errors import explain_syntax

DEEPEST = 16
MOST_DIGITS = 18

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
# Text in YAML 1.1, but a number in YAML 1.2, and thus for some editors and tools.
NUMBER_TO_OTHERS = re.compile(r"[-+]?(0o[0-7]+|0[0-9]+|([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+)")


def c_loader() -> Any:
    """Return PyYAML's loader that uses libyaml; the one in Python is slower and reports errors differently."""
    try:
        return yaml.CSafeLoader
    except AttributeError:
        hint = "install PyYAML from a wheel, or build it where libyaml's headers are installed (libyaml-dev)"
        raise user_error("PyYAML was built without libyaml", hint) from None


def parse(content: bytes | str, file: str = "") -> Source:
    """Parse text. Raises `UserError` with all problems found if it is not text or not valid YAML."""
    source = read_lines(content, file)
    if conflicts := list(_conflicts(source)):
        raise UserError(*conflicts)
    reader = _Reader(source, c_loader()("\n".join(source.lines)))
    data = None
    try:
        data = reader.document()
    except yaml.MarkedYAMLError as error:
        source.problems.append(explain_syntax(source, error))
    except _StopError:
        pass
    source.problems.extend(_tabs(source, reader.texts, broken=data is None))
    if data is None:
        raise UserError(*sorted(set(source.problems)))
    return replace(source, data=data)


def _conflicts(source: Source) -> Iterator[Problem]:
    """Yield a problem for each conflict marker."""
    for number, line in enumerate(source.lines, 1):
        if line.startswith("<<<<<<< "):
            hint = "keep what is right of both sides, and remove the lines with <<<<<<<, ======= and >>>>>>>"
            yield source.problem_at(Span(number, 1, len(line)), "a merge conflict starts here", hint)


def _tabs(source: Source, texts: set[int], *, broken: bool) -> list[Problem]:
    """Report tabs in indentation, except on `texts`: lines of multi-line scalars, incomplete in broken YAML."""
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


class _StopError(Exception):
    """The rest cannot be parsed; the reason is among the problems."""


class _Reader:
    """Builds plain data from parser events; nodes do not record aliases and anchors."""

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

    def node(self, event: Any, where: Where) -> Any:
        """Build the value that starts with an event, consuming its events."""
        if isinstance(event, yaml.AliasEvent):
            self.source.values[where] = self.span(event)
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
            return self.scalar(event, where)
        if len(where) >= DEEPEST:
            self.complain(event, "nested too deeply", f"a description has at most {DEEPEST} levels")
            raise _StopError
        if where not in self.source.keys:
            self.source.values[where] = self.span(event)
        return self.mapping(where) if isinstance(event, yaml.MappingStartEvent) else self.sequence(where)

    def mapping(self, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            key = self.key(event)
            place = (*where, key)
            if key in found:
                first = self.source.keys[place].line
                self.complain(
                    event, f"{quoted(key)} is listed twice", f"the first is in line {first}; remove one of them"
                )
                self.node(self.loader.get_event(), (*where, f"{key} (again)"))
            else:
                self.source.keys[place] = self.span(event)
                found[key] = self.node(self.loader.get_event(), place)
        return found

    def sequence(self, where: Where) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            found.append(self.node(event, (*where, len(found))))
        return found

    def key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self.complain(event, "a key must be plain text", "quote it if it is meant as text")
            raise _StopError
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

    def scalar(self, event: Any, where: Where) -> Any:
        """Return a scalar's value; report one whose type would surprise, and return its text."""
        text: str = event.value
        if text or where not in self.source.keys:  # an empty value is located by its key
            self.source.values[where] = self.span(event)
        if event.end_mark.line > event.start_mark.line:
            self.texts.update(range(event.start_mark.line + 2, event.end_mark.line + 2))
        kind = self.kind(event)
        if kind == "null":
            self.source.empty.append(where)
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and INTEGER.fullmatch(text) and len(text) <= MOST_DIGITS:
            return int(text)
        if kind == "float" and NUMBER.fullmatch(text) and math.isfinite(float(text)):
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
        elif INTEGER.fullmatch(text) and len(text) > MOST_DIGITS:
            self.complain(event, "a number with too many digits", "write it in quotes if it is text")
        else:
            message = f"{quoted(text)} is a number to some readers of YAML and text to others"
            self.complain(event, message, f"write '{text}' in quotes for the text, or a plain decimal number")

    def kind(self, event: Any) -> str:
        """Return the YAML 1.1 type: `str`, `null`, `bool`, `int`, `float`, `timestamp`, `merge` or `value`."""
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
            raise _StopError
