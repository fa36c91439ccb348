"""What can go wrong for a user, as data; `cli` is the one place that prints it and chooses the exit code."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

OK, DRIFT, WRONG_INPUT, BUG, INTERRUPTED = 0, 1, 2, 70, 130

WIDEST = 100
"""Columns of a source line that are shown; a longer one is cut around the culprit."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend. Lines and columns count from 1; 0 where there is no place to name."""

    line: int
    column: int
    message: str
    hint: str = ""
    file: str = ""
    source: str = ""
    """The line of the file that holds it."""
    width: int = 1
    """Characters that the caret marks."""


class UserError(Exception):
    """Bad input: everything that is wrong with it, at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(p.message for p in problems))
        self.problems = problems


def user_error(message: str, hint: str = "", file: str | Path = "") -> UserError:
    return UserError(Problem(0, 0, message, hint, str(file)))


def quoted(text: object, longest: int = 60) -> str:
    """A user's text within a message: in quotes, on one line, printable, and cut where it is long."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in str(text))
    return f"'{shown if len(shown) <= longest else shown[: longest - 1] + '…'}'"


def format_problem(problem: Problem) -> str:
    """Plain text: `file:line:column: message`, the source line with carets under the culprit, and the cure."""
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
    """The part of a line to show, and how many columns of a terminal come before and under the culprit."""
    cells = [_cell(character) for character in line.rstrip()]
    end = min(start + width, max(len(cells), start + 1))
    first = 0
    if sum(w for _, w in cells) > WIDEST:
        # As much as fits, with the culprit's beginning at the first third.
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
    """How a character is shown, and the columns that it takes."""
    if character == "\t":
        return "    ", 4
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return character, 0
    if not character.isprintable():
        return "\ufffd", 1
    return character, 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
