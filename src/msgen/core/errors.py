"""User errors as data; the command line prints them and chooses the exit code."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

OK, DRIFT, WRONG_INPUT, BUG, INTERRUPTED = 0, 1, 2, 70, 130

WIDEST = 100
"""Maximum columns of a source line; longer lines are cut around the caret."""


@dataclass(frozen=True, order=True)
class Problem:
    """One diagnostic. Line and column start at 1; 0 means no location."""

    line: int
    column: int
    message: str
    hint: str = ""
    file: str = ""
    source: str = ""
    """The line of the file."""
    width: int = 1
    """Number of characters to mark."""
    code: str = "input"
    """Kind of the problem, for programs; docs/reference/diagnostics.md lists them."""


class UserError(Exception):
    """Invalid input, with all its diagnostics."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(p.message for p in problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type["UserError"], tuple[Problem, ...]]:
        return UserError, self.problems


def user_error(message: str, hint: str = "", file: str | Path = "", *, code: str = "input") -> UserError:
    return UserError(Problem(0, 0, message, hint, str(file), code=code))


def quoted(text: object, longest: int = 60) -> str:
    """Quote user input for a message: one line, printable, truncated."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in str(text))
    return f"'{shown if len(shown) <= longest else shown[: longest - 1] + '…'}'"


def format_problem(problem: Problem) -> str:
    """Format as `file:line:column: message`, the source line with carets, and the hint."""
    place = ":".join(str(part) for part in (problem.file, problem.line or "", problem.column or "") if part)
    shown = [f"{place}: {problem.message}" if place else problem.message]
    if problem.source.strip():
        text, before, marked = _window(problem.source, problem.column - 1, problem.width)
        margin = f"{problem.line:>5} | "
        carets = " " * before + "^" * max(1, marked)
        shown += [margin + text, " " * (len(margin) - 2) + "| " + carets]
    if problem.hint:
        shown.append(f"      = {problem.hint}" if problem.source.strip() else f"  {problem.hint}")
    return "\n".join(shown)


def _window(line: str, start: int, width: int) -> tuple[str, int, int]:
    """Cut a line to the terminal; return the text, and the columns before and under the carets."""
    cells = [_cell(character) for character in line.rstrip()]
    end = min(start + width, max(len(cells), start + 1))
    first = 0
    if sum(w for _, w in cells) > WIDEST:
        # Start so that the caret is at one third of the window.
        first = max(0, start - WIDEST // 3)
    last, room = first, WIDEST
    while last < len(cells) and room >= cells[last][1]:
        room -= cells[last][1]
        last += 1
    lead = "…" if first else ""
    text = lead + "".join(c for c, _ in cells[first:last]) + ("…" if last < len(cells) else "")
    before = len(lead) + sum(w for _, w in cells[first : min(start, last)])
    return text, before, sum(w for _, w in cells[start : min(end, last)])


def _cell(character: str) -> tuple[str, int]:
    """Return a printable form of a character and its width in columns."""
    if character == "\t":
        return "    ", 4
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return character, 0
    if not character.isprintable():
        return "\ufffd", 1
    return character, 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
