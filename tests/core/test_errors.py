"""Problems as text."""

import unicodedata

import pytest

from msgen.core.errors import WIDEST, Problem, format_problem, quoted, user_error


def columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def marked(problem: Problem) -> str:
    """The text above the carets, by the columns of a terminal."""
    _, text, carets, *_ = format_problem(problem).split("\n")
    start, end = carets.index("^"), carets.rindex("^") + 1
    found, at = "", 0
    for character in text:
        if start <= at < end:
            found += character
        at += columns(character)
    return found


def test_problem_with_location_and_hint() -> None:
    problem = Problem(
        12, 13, "there is no service 'user'", "did you mean 'users'?", "msgen.yaml", "    calls: [user]", 4
    )
    assert format_problem(problem) == (
        "msgen.yaml:12:13: there is no service 'user'\n"
        "   12 |     calls: [user]\n"
        "      |             ^^^^\n"
        "      = did you mean 'users'?"
    )


def test_problem_without_location() -> None:
    (problem,) = user_error("there is no such file", "check its name", "shop.yaml").problems
    assert format_problem(problem) == "shop.yaml: there is no such file\n  check its name"
    assert format_problem(Problem(0, 0, "broken")) == "broken"


@pytest.mark.parametrize(
    ("line", "culprit"),
    [
        ("name: shöp", "shöp"),
        ("名前: 商店 # 商店", "商店"),
        ("🎉🎉: {🎉: culprit}", "culprit"),
        ("e\u0301te\u0301: culprit", "culprit"),
        ("name: \tculprit", "culprit"),
        ("x" * 500 + ": culprit, " + "y" * 500, "culprit"),
        ("商" * 300 + ": culprit, " + "店" * 300, "culprit"),
        ("culprit: " + "y" * 500, "culprit"),
        ("x" * 500 + ": culprit", "culprit"),
    ],
)
def test_carets_mark_the_culprit(line: str, culprit: str) -> None:
    column = line.index(culprit) + 1
    problem = Problem(1, column, "wrong", "", "msgen.yaml", line, len(culprit))
    assert marked(problem) == culprit


@pytest.mark.parametrize("column", [1, 150, 999, 1000, 1001])
def test_long_lines_are_cut_around_the_culprit(column: int) -> None:
    shown = format_problem(Problem(1, column, "wrong", "", "", "x" * 1000, 400)).split("\n")
    assert all(columns(line) <= WIDEST + 12 for line in shown)
    assert "^" in shown[2]
    assert shown[2].index("^") <= columns(shown[1])


def test_a_caret_after_the_end_of_a_line() -> None:
    assert format_problem(Problem(1, 6, "wrong", "", "", "name:", 1)).split("\n")[2] == "      |      ^"


def test_control_characters_are_replaced() -> None:
    problem = Problem(1, 1, f"unknown key {quoted(chr(27) + '[31m')}", "", "msgen.yaml", "a: \x1b[31mred\x07", 1)
    assert "\x1b" not in format_problem(problem)
    assert "\x07" not in format_problem(problem)


def test_long_words_are_cut() -> None:
    assert quoted("x" * 1000) == "'" + "x" * 59 + "…'"
    assert quoted("two\nlines") == "'two\ufffdlines'"
