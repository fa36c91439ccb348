"""What the YAML parser's errors mean, in plain words."""

from typing import TYPE_CHECKING, Any

from msgen.errors import Problem

if TYPE_CHECKING:
    from msgen.source import Source

QUOTE = "write text that starts with {!r} in quotes"
UNCLOSED = {"flow sequence": ("list", "]"), "flow mapping": ("mapping", "}")}


def explain_syntax(source: "Source", error: Any) -> Problem:
    from msgen.source import Span

    mark, opened = error.problem_mark, error.context_mark
    problem, context = error.problem or "", error.context or ""
    line = source.lines[mark.line] if mark.line < len(source.lines) else ""
    character = line[mark.column : mark.column + 1]
    kind = next((kind for kind in UNCLOSED if kind in context), "")
    message, hint = f"this is not valid YAML: {problem}", ""
    if character == "\t":
        message, hint = "a tab in the indentation", "indent with spaces"
    elif "cannot start any token" in problem:
        message, hint = f"{character!r} cannot start a value", QUOTE.format(character)
    elif "alphabetic or numeric" in problem and opened:
        mark, character = opened, source.lines[opened.line][opened.column : opened.column + 1]
        message, hint = f"{character!r} cannot start a value", QUOTE.format(character)
    elif kind and opened and mark.line >= len(source.lines) - 1 and not line[mark.column :].strip():
        name, bracket = UNCLOSED[kind]
        mark, message, hint = opened, f"this {name} is never closed", f"add the closing '{bracket}'"
    elif kind and opened and "expected" in problem:
        name, bracket = UNCLOSED[kind]
        message = f"expected ',' or '{bracket}' here"
        hint = f"the {name} that starts in line {opened.line + 1}, column {opened.column + 1} is not closed before this"
    elif "quoted scalar" in context and "end of" in problem and opened:
        mark, message, hint = opened, "this quote is never closed", "add the closing quote"
    elif "mapping values are not allowed" in problem:
        message = "':' is not expected here"
        hint = "is the line indented as it should be? Text that holds ': ' needs quotes"
    elif "could not find expected ':'" in problem and opened:
        mark, message, hint = opened, "expected ':' after this key", "write it as `key: value`"
    elif "block mapping" in context:
        message, hint = "expected a key here", "keys of one mapping start in the same column, each as `key: value`"
    elif "block collection" in context:
        message, hint = "expected '- ' here", "items of one list start in the same column, each with '- '"
    elif "block sequence entries" in problem:
        message, hint = "a list cannot start here", "start it on a line of its own, or write it as [a, b]"
    elif "expected node content" in problem:
        message, hint = "expected a value here", "is a bracket missing or one too many?"
    elif "escape" in problem or "escape" in context:
        message, hint = "an unknown escape in a quoted text", "write \\\\ for a backslash, or use single quotes"
    return source.problem_at(Span(mark.line + 1, mark.column + 1, 1), message, hint)
