"""What can go wrong for a user, as data; `cli` is the one place that prints it and chooses the exit code."""

from dataclasses import dataclass
from pathlib import Path

OK, DRIFT, WRONG_INPUT, BUG, INTERRUPTED = 0, 1, 2, 70, 130


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
    """Columns that the caret marks."""


class UserError(Exception):
    """Bad input: everything that is wrong with it, at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(p.message for p in problems))
        self.problems = problems


def user_error(message: str, hint: str = "", file: str | Path = "") -> UserError:
    return UserError(Problem(0, 0, message, hint, str(file)))
