"""Dependencies that both sides add between the same neighbours."""

import pytest

from msgen.core.tree import File
from msgen.merging.baseline import Base
from msgen.merging.change import Change, OnConflict, merge
from msgen.repository.worktree import Disk

PYTHON = ("dependencies = [\n", "]\n", "    \"{}>=1 ; sys_platform != 'x'\",\n")
NODE = ('{\n  "dependencies": {\n', "  }\n}\n", '    "{}": "^1.0",\n')


def manifest(form: tuple[str, str, str], *names: str) -> bytes:
    start, end, line = form
    lines = "".join(line.format(name) for name in names)
    return (start + (lines[:-2] + "\n" if form is NODE else lines) + end).encode()


def merged(base: bytes, mine: bytes, new: bytes, on_conflict: OnConflict = "markers") -> Change:
    return merge("x", Disk(mine), (Base(content=base),), File(new), on_conflict)


def content(change: Change) -> bytes:
    assert change.after
    return change.after.content


@pytest.mark.parametrize("form", [PYTHON, NODE])
@pytest.mark.parametrize(
    ("mine", "new", "both"),
    [
        (("a", "my", "z"), ("a", "new", "z"), ("a", "my", "new", "z")),
        (("a", "p", "z"), ("a", "new", "o", "z"), ("a", "new", "o", "p", "z")),
        (("a", "z", "zz"), ("a", "b", "z", "zx"), ("a", "b", "z", "zx", "zz")),
        (("a", "my"), ("a", "new"), ("a", "my", "new")),
        (("0", "a", "z"), ("@b/c", "z"), ("0", "@b/c", "z")),
    ],
)
@pytest.mark.parametrize("on_conflict", ["markers", "ours", "theirs"])
def test_entries_of_both_are_kept_in_order(
    form: tuple[str, str, str],
    mine: tuple[str, ...],
    new: tuple[str, ...],
    both: tuple[str, ...],
    on_conflict: OnConflict,
) -> None:
    change = merged(manifest(form, "a", "z"), manifest(form, *mine), manifest(form, *new), on_conflict)
    assert (change.action, content(change)) == ("merged", manifest(form, *both))


@pytest.mark.parametrize(
    ("base", "mine", "new"),
    [
        (b'[\n  "a>=1",\n]\n', b'[\n  "a>=2",\n]\n', b'[\n  "a>=3",\n]\n'),  # one entry, two versions
        (b'[\n  "a",\n]\n', b'[\n  "c",\n  "a",\n]\n', b'[\n  "b",\n  "a",\n]\n'),  # order may matter
        (b"[\n]\n", b'[\n  "b",\n]\n', b"[\n  c,\n]\n"),  # other lines
    ],
)
def test_other_conflicts_are_left_to_the_user(base: bytes, mine: bytes, new: bytes) -> None:
    assert merged(base, mine, new).action == "conflict"
