"""From a file to plain data: what is read, and what is said of a file that cannot be."""

import os
import socket
import time
from pathlib import Path

import pytest
import yaml

from msgen.core.errors import Problem, UserError
from msgen.description.loader import load
from msgen.description.source_map import LARGEST, read_bytes
from msgen.description.vocabulary import Vocabulary
from msgen.description.yaml_reader import parse

GOOD = "msgen: 1\nname: shop\nservices: {users: {}}\n"


def problems(text: bytes | str) -> list[tuple[int, int, str, str]]:
    """Line, column, message and hint of everything that is wrong with a text."""
    try:
        found = parse(text, "msgen.yaml").problems
    except UserError as error:
        found = list(error.problems)
    return [(p.line, p.column, p.message, p.hint) for p in found]


def refusal(file: Path) -> Problem:
    with pytest.raises(UserError) as caught:
        load(file, Vocabulary({"python": {}}))
    (problem,) = caught.value.problems
    assert problem.file == str(file)
    return problem


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        b"%YAML 1.2\n---\n" + GOOD.encode() + b"...\n",
    ],
    ids=["plain", "crlf", "bom", "directive"],
)
def test_files_of_every_editor_are_read(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "msgen.yaml"
    file.write_bytes(content)
    assert load(file, Vocabulary({"python": {}})).name == "shop"


def test_values_are_what_they_look_like() -> None:
    text = "a: 5\nb: -1.5\nc: true\nd: False\ne: 2025-12-31\nf: 'no'\ng: string?\n"
    text += "h: {i: string?, j: [x, y]}\nk: |\n  l\n  \tm\n"
    assert parse(text).data == {
        "a": 5,
        "b": -1.5,
        "c": True,
        "d": False,
        "e": "2025-12-31",
        "f": "no",
        "g": "string?",
        "h": {"i": "string?", "j": ["x", "y"]},
        "k": "l\n\tm\n",
    }
    assert not problems(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n\tc: 2\n", [(n, 1, "a tab in the indentation", "indent with spaces") for n in (2, 3)]),
        ("a: {\n  \tb: 1}\n", [(2, 3, "a tab in the indentation", "indent with spaces")]),
        ("a: |\n  x\n  \ty\n\tb: 1\n", [(4, 1, "a tab in the indentation", "indent with spaces")]),
        ("a: 'x\n", [(1, 4, "this quote is never closed", "add the closing quote")]),
        ("a: [b\n", [(1, 4, "this list is never closed", "add the closing ']'")]),
        ("a: {b: c\n\n# end", [(1, 4, "this mapping is never closed", "add the closing '}'")]),
        (
            "a: [b,\nc: d\ne: f\n",
            [(3, 2, "expected ',' or ']' here", "the list that starts in line 1, column 4 is not closed before this")],
        ),
        (
            "a: b: c\n",
            [
                (
                    1,
                    5,
                    "':' is not expected here",
                    "is the line indented as it should be? Text that holds ': ' needs quotes",
                )
            ],
        ),
        ("a: 1\nb\nc: 2\n", [(2, 1, "expected ':' after this key", "write it as `key: value`")]),
        (
            "a:\n  b: 1\n c: 2\n",
            [(3, 2, "expected a key here", "keys of one mapping start in one column, as `key: value`")],
        ),
        ("a:\n  - b\n  c\n", [(3, 3, "expected ':' after this key", "write it as `key: value`")]),
        ("a: - b\n", [(1, 4, "a list cannot start here", "start it on a line of its own, or write it as [a, b]")]),
        ("a: {b: c, d: [}\n", [(1, 15, "expected a value here", "is a bracket missing or one too many?")]),
        ("a: @b\n", [(1, 4, "'@' cannot start a value", "write text that starts with '@' in quotes")]),
        ("a: [*.created]\n", [(1, 5, "'*' cannot start a value", "write text that starts with '*' in quotes")]),
        (
            'a: "\\q"\n',
            [(1, 5, "an unknown escape in a quoted text", "write \\\\ for a backslash, or use single quotes")],
        ),
        ("[a, b]: c\n", [(1, 1, "a key must be plain text", "quote it if it is meant as text")]),
        (
            "a: 1\n---\nb: 2\n",
            [(2, 1, "a second document starts here", "one file describes one system: remove this line")],
        ),
        ("a: " + "[" * 40 + "]" * 40, [(1, 19, "nested too deeply", "a description has at most 16 levels")]),
        ("a: 12345678901234567890123\n", [(1, 4, "a number with too many digits", "write it in quotes if it is text")]),
        (
            "a: \x07\nb: \x00\n",
            [(n, 4, f"a character that is not text: {c}", "remove it") for n, c in ((1, "U+0007"), (2, "U+0000"))],
        ),
        ("a: x\u2028b: y\n", [(1, 5, "a character that is not text: U+2028", "remove it")]),
        (b"a: \xe9t\xe9\n", [(1, 4, "byte 0xE9 is not UTF-8 text", "save the file as UTF-8")]),
        (b"\x7fELF\x02\x00\x00", [(0, 0, "this is a binary file, not text", "a description is a YAML file")]),
        ("a: 1\n".encode("utf-16"), [(0, 0, "this file is UTF-16", "save it as UTF-8")]),
        ("", [(0, 0, "this file is empty", "`msgen new` writes an example")]),
        ("# nothing yet\n---\n", [(0, 0, "this file is empty", "`msgen new` writes an example")]),
    ],
)
def test_broken_text(text: bytes | str, expected: list[tuple[int, int, str, str]]) -> None:
    assert problems(text) == expected


def test_nesting_without_end_is_one_problem() -> None:
    """PyYAML reports it from 6.0.4 on; msgen stops at the first key that is not text before."""
    ((_, _, message, _),) = problems("{" * 50_000)
    assert message in ("nested too deeply", "a key must be plain text")


def test_pyyaml_without_libyaml_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    with pytest.raises(UserError, match="PyYAML was built without libyaml") as raised:
        parse("a: 1\n")
    assert "libyaml-dev" in raised.value.problems[0].hint


def test_all_problems_are_reported_at_once() -> None:
    text = "a: &x 1\nb: *x\na: 2\nc: !!int 3\nno: 4\nd: 0x10\n? e\n: off\n"
    assert [(line, column) for line, column, *_ in problems(text)] == [
        (1, 4),
        (2, 4),
        (3, 1),
        (4, 4),
        (5, 1),
        (6, 4),
        (8, 3),
    ]


def test_aliases_do_not_multiply() -> None:
    """The billion laughs: ten levels of ten aliases each."""
    lines = ['a0: &a0 ["x"]', *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))]
    started = time.perf_counter()
    found = problems("\n".join(lines))
    assert time.perf_counter() - started < 1
    assert (1, 5, "anchors such as '&a0' are not read", "write the value out each time") in found
    assert len(found) == 100


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "msgen.yaml"
    with file.open("wb") as opened:
        opened.truncate(50_000_000)
    started = time.perf_counter()
    assert refusal(file).message == "this file is larger than 256 KiB"
    assert time.perf_counter() - started < 1


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "msgen.yaml"
    file.write_bytes(GOOD.encode() + b"#" * (LARGEST - len(GOOD)))
    assert load(file, Vocabulary({"python": {}})).name == "shop"
    file.write_bytes(file.read_bytes() + b"#")
    assert "larger" in refusal(file).message


def test_a_directory(tmp_path: Path) -> None:
    problem = refusal(tmp_path)
    assert problem.message == "this is a directory, not a file"
    assert problem.hint == f"did you mean '{tmp_path / 'msgen.yaml'}'?"


def test_missing_file_with_suggestion(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").touch()
    problem = refusal(tmp_path / "msgen.yaml")
    assert problem.message == "there is no such file"
    assert problem.hint == "its folder has 'shop.yml'"
    assert refusal(tmp_path / "nowhere" / "msgen.yaml").hint.startswith("there is no folder")


def test_a_pipe_or_a_device_does_not_block(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refusal(pipe).message == "this is not a regular file"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket").message == "this is not a regular file"


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "msgen.yaml"
    file.write_text(GOOD)
    file.chmod(0)
    if os.access(file, os.R_OK):  # root reads everything, so the refusal is made here

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    problem = refusal(file)
    assert problem.message == "cannot read this file: Permission denied"
    assert problem.hint == "check its name and its permissions"


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_names(name: str) -> None:
    with pytest.raises(UserError, match="cannot read this file"):
        read_bytes(Path(name))
