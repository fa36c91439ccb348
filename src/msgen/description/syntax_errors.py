"""Readable messages for errors of the YAML parser."""

from typing import Any

from msgen.core.errors import Problem
from msgen.description.source_map import Source, Span

BRACKETS = {"flow sequence": ("list", "]"), "flow mapping": ("mapping", "}")}
CANNOT_START = "{character!r} cannot start a value"
IN_QUOTES = "write text that starts with {character!r} in quotes"

# Text in the parser's problem, text in its context, whether to report at the context, message, hint. First match wins.
WORDS = (
    ("nesting depth", "", False, "nested too deeply", "a description has at most 16 levels"),
    ("cannot start any token", "", False, CANNOT_START, IN_QUOTES),
    ("alphabetic or numeric", "", True, CANNOT_START, IN_QUOTES),
    ("end of stream", "quoted scalar", True, "this quote is never closed", "add the closing quote"),
    (
        "mapping values are not allowed",
        "",
        False,
        "':' is not expected here",
        "is the line indented as it should be? Text that holds ': ' needs quotes",
    ),
    ("could not find expected ':'", "", True, "expected ':' after this key", "write it as `key: value`"),
    (
        "",
        "block mapping",
        False,
        "expected a key here",
        "keys of one mapping start in one column, as `key: value`",
    ),
    ("", "block collection", False, "expected '- ' here", "items of one list start in one column, with '- '"),
    (
        "block sequence entries",
        "",
        False,
        "a list cannot start here",
        "start it on a line of its own, or write it as [a, b]",
    ),
    ("expected node content", "", False, "expected a value here", "is a bracket missing or one too many?"),
    ("escape", "", False, "an unknown escape in a quoted text", "write \\\\ for a backslash, or use single quotes"),
)


def explain_syntax(source: Source, error: Any) -> Problem:
    """Convert a `yaml.MarkedYAMLError`."""
    here, opened = error.problem_mark, error.context_mark or error.problem_mark
    problem, context = error.problem or "", error.context or ""
    line = source.lines[here.line] if here.line < len(source.lines) else ""
    if line[here.column : here.column + 1] == "\t":
        return _problem(source, here, "a tab in the indentation", "indent with spaces")
    for kind, (name, bracket) in BRACKETS.items():
        if kind not in context:
            continue
        if here.line >= len(source.lines) - 1 and not line[here.column :].strip():
            return _problem(source, opened, f"this {name} is never closed", f"add the closing '{bracket}'")
        hint = f"the {name} that starts in line {opened.line + 1}, column {opened.column + 1} is not closed before this"
        return _problem(source, here, f"expected ',' or '{bracket}' here", hint)
    for in_problem, in_context, at_context, message, hint in WORDS:
        if in_problem in problem and in_context in context:
            mark = opened if at_context else here
            character = source.lines[mark.line][mark.column : mark.column + 1] if mark.line < len(source.lines) else ""
            return _problem(source, mark, message.format(character=character), hint.format(character=character))
    return _problem(source, here, f"this is not valid YAML: {problem}", "")


def _problem(source: Source, mark: Any, message: str, hint: str) -> Problem:
    return source.problem_at(Span(mark.line + 1, mark.column + 1, 1), message, hint)
