"""What becomes of one file, for every way in which its three versions can differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgen.core.tree import File
from msgen.merging.baseline import Base
from msgen.merging.change import Change, OnConflict, merge
from msgen.merging.text import TextFormat, merge_lines, sides, union
from msgen.repository.worktree import FOLDER, LINK, Disk

OLD = b"a\nb\nc\nd\ne\nf\n"
NEW = b"a\nb\nc\nd\nE\nf\n"
MINE = b"a\nB\nc\nd\ne\nf\n"
BOTH = b"a\nB\nc\nd\nE\nf\n"


def change(
    disk: bytes | Disk | None,
    base: bytes | None,
    new: bytes | None,
    on_conflict: OnConflict = "markers",
    **more: object,
) -> Change:
    found = Disk(disk) if isinstance(disk, bytes) else disk
    bases = (Base(content=base),) if base is not None else ()
    return merge("x", found, bases, None if new is None else File(new), on_conflict, **more)  # type: ignore[arg-type]


def content(found: Change) -> bytes | None:
    return found.after.content if found.after else None


@pytest.mark.parametrize(
    ("disk", "base", "new", "action", "result"),
    [
        (None, None, NEW, "created", NEW),
        (OLD, OLD, OLD, "unchanged", OLD),
        (NEW, OLD, NEW, "unchanged", NEW),
        (OLD, OLD, NEW, "updated", NEW),
        (MINE, OLD, OLD, "unchanged", MINE),
        (MINE, OLD, NEW, "merged", BOTH),
        (None, OLD, OLD, "unchanged", None),
        (None, OLD, NEW, "kept", None),
        (NEW, None, NEW, "unchanged", NEW),
        (OLD, OLD, None, "removed", None),
        (MINE, OLD, None, "kept", MINE),
        (None, OLD, None, "unchanged", None),
        (b"\x00mine", b"\x00old", b"\x00old", "unchanged", b"\x00mine"),
        (b"\x00old", b"\x00old", b"\x00new", "updated", b"\x00new"),
        (b"\x00mine", b"\x00old", b"\x00new", "conflict", b"\x00mine"),
        (b"caf\xe9\nb\nc\n", b"cafe\nb\nc\n", b"cafe\nb\nC\n", "conflict", b"caf\xe9\nb\nc\n"),
    ],
)
def test_the_rules(
    disk: bytes | None, base: bytes | None, new: bytes | None, action: str, result: bytes | None
) -> None:
    found = change(disk, base, new)
    assert (found.action, content(found)) == (action, result)


def test_a_conflict_names_both_sides_and_what_was() -> None:
    found = change(b"a\nmine\nc", b"a\nb\nc", b"a\nnew\nc")
    assert found.action == "conflict"
    assert content(found) == (b"a\n<<<<<<< yours\nmine\n||||||| msgen, before\nb\n=======\nnew\n>>>>>>> msgen, now\nc")


def test_without_a_base_only_lines_that_differ_are_in_conflict() -> None:
    found = change(b"a\nmine\nc\n", None, b"a\nnew\nc\n")
    assert found.action == "conflict"
    assert content(found) == b"a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> msgen, now\nc\n"


@pytest.mark.parametrize(("on_conflict", "line"), [("ours", b"mine"), ("theirs", b"new")])
def test_a_side_can_be_taken_and_the_rest_is_merged(on_conflict: OnConflict, line: bytes) -> None:
    found = change(b"a\nmine\nc\nd\nE\n", b"a\nb\nc\nd\ne\n", b"A\nnew\nc\nd\ne\n", on_conflict)
    expected = b"a\nmine\nc\nd\nE\n" if on_conflict == "ours" else b"A\nnew\nc\nd\nE\n"
    assert content(found) == expected
    assert found.action in ("merged", "unchanged")
    assert line in expected


@pytest.mark.parametrize(("on_conflict", "result"), [("ours", b"\x00mine"), ("theirs", b"\x00new")])
def test_a_side_can_be_taken_of_what_has_no_lines(on_conflict: OnConflict, result: bytes) -> None:
    found = change(b"\x00mine", b"\x00old", b"\x00new", on_conflict)
    assert content(found) == result
    assert found.bases == (Base(content=b"\x00new"),)


def test_an_undecided_file_keeps_its_base_so_that_it_is_not_forgotten() -> None:
    assert change(b"\x00mine", b"\x00old", b"\x00new").bases == (Base(content=b"\x00old"),)


def test_markers_left_in_a_file_are_not_merged_over() -> None:
    first = change(b"a\nmine\nc\n", b"a\nb\nc\n", b"a\nnew\nc\n")
    marked = content(first)
    assert marked
    again = change(marked, b"a\nnew\nc\n", b"a\nnew\nc\n")
    assert (again.action, content(again), again.writes) == ("conflict", marked, False)
    more = change(marked, b"a\nnew\nc\n", b"a\nnew\nc\nd\n")
    assert (more.action, content(more), more.bases) == ("conflict", marked, (Base(content=b"a\nnew\nc\n"),))
    taken = change(marked, b"a\nnew\nc\n", b"a\nnew\nc\nd\n", "theirs")
    assert content(taken) == b"a\nnew\nc\nd\n"


def test_a_conflict_of_git_between_two_generated_versions_settles_itself() -> None:
    one, two, new = b"a\none\nz\n", b"a\ntwo\nz\n", b"a\none\ntwo\nz\n"
    disk = b"# my note\na\n<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> other\nz\n"
    found = merge("x", Disk(disk), (Base(content=one), Base(content=two)), File(new))
    assert (found.action, content(found)) == ("merged", b"# my note\n" + new)


def test_a_conflict_of_git_about_the_users_own_lines_stays() -> None:
    one, two, new = b"a\none\nz\n", b"a\ntwo\nz\n", b"a\none\ntwo\nz\n"
    disk = b"a\n<<<<<<< HEAD\none\nmine\n=======\ntwo\n>>>>>>> other\nz\n"
    choices: list[OnConflict] = ["markers", "ours", "theirs"]
    for choice in choices:
        found = merge("x", Disk(disk), (Base(content=one), Base(content=two)), File(new), choice)
        assert (found.action, content(found)) == ("conflict", disk)


def test_of_two_bases_the_one_that_merges_is_taken() -> None:
    bases = (Base(content=b"a\none\nz\n"), Base(content=b"a\ntwo\nz\n"))
    found = merge("x", Disk(b"a\none\ntwo\nz\nmine\n"), bases, File(b"a\none\ntwo\nthree\nz\n"))
    assert (found.action, content(found)) == ("merged", b"a\none\ntwo\nthree\nz\nmine\n")


def test_a_line_that_the_user_removed_on_one_branch_does_not_come_back() -> None:
    one, two = b"a\nb\nc\nd\none\n", b"a\nb\nc\nd\nM\n"
    found = merge(
        "x", Disk(b"mine\na\nb\nc\nd\none\n"), (Base(content=one), Base(content=two)), File(b"a\nb\nc\nd\none\nM\n")
    )
    assert content(found) == b"mine\na\nb\nc\nd\none\n"


@pytest.mark.parametrize(
    ("disk", "result"),
    [
        (MINE.replace(b"\n", b"\r\n"), BOTH.replace(b"\n", b"\r\n")),
        (b"\xef\xbb\xbf" + MINE, b"\xef\xbb\xbf" + BOTH),
        (MINE[:-1], BOTH[:-1]),
        (OLD.replace(b"\n", b"\r\n"), NEW.replace(b"\n", b"\r\n")),
    ],
)
def test_line_ends_marks_and_open_ends_stay_as_the_user_has_them(disk: bytes, result: bytes) -> None:
    assert content(change(disk, OLD, NEW)) == result
    assert not change(disk, OLD, OLD).writes


def test_white_space_at_ends_of_lines_and_empty_lines_are_no_conflict() -> None:
    found = change(b"a\n\nb  \nc\n", b"a\nb\nc\n", b"a\nnew\nc\n")
    assert (found.action, content(found)) == ("merged", b"a\nnew\nc\n")


def test_indentation_is_an_edit() -> None:
    assert change(b"a\n  b\nc\n", b"a\nb\nc\n", b"a\nnew\nc\n").action == "conflict"


def test_a_file_of_the_users_own_is_written_once_and_left_alone() -> None:
    once = File(NEW, once=True)
    delivered = (Base(content=OLD, once=True),)
    assert merge("x", None, (), once).action == "created"
    for disk in (None, Disk(MINE), Disk(OLD), Disk(odd=LINK)):
        found = merge("x", disk, delivered, once)
        assert (found.action, found.after, found.bases) == ("unchanged", disk, delivered)
    assert merge("x", Disk(MINE), (), once).after == Disk(MINE)
    assert merge("x", Disk(OLD), delivered, None).action == "removed"
    dropped = merge("x", Disk(MINE), delivered, None)
    assert (dropped.action, dropped.reason) == ("kept", "it is yours; it is no longer generated")


@pytest.mark.parametrize("odd", [LINK, FOLDER, "a special file"])
def test_what_is_no_file_is_left_alone(odd: str) -> None:
    disk = Disk(odd=odd)
    assert change(disk, OLD, OLD).action == "unchanged"
    found = change(disk, OLD, NEW)
    assert (found.action, found.after, found.bases) == ("conflict", disk, (Base(content=OLD),))
    assert change(disk, OLD, NEW, "ours").bases == (Base(content=NEW),)
    assert change(disk, OLD, None).after == disk


def test_a_link_can_be_replaced_when_asked_for() -> None:
    assert content(change(Disk(b"elsewhere", odd=LINK), OLD, NEW, "theirs")) == NEW


def test_force_removes_what_the_user_has_changed() -> None:
    assert change(MINE, OLD, None, force=True).action == "removed"


@pytest.mark.parametrize(
    ("disk", "base", "new", "result"),
    [
        (0o644, 0o644, 0o755, 0o755),
        (0o640, 0o644, 0o755, 0o750),
        (0o755, 0o755, 0o644, 0o644),
        (0o755, 0o644, 0o644, 0o755),
        (0o600, 0o644, 0o644, 0o600),
        (0o644, 0o755, 0o755, 0o644),
        (0o664, 0o664, 0o755, 0o775),
    ],
)
def test_permissions_are_the_users_and_execution_follows_unless_changed(
    disk: int, base: int, new: int, result: int
) -> None:
    found = merge("x", Disk(OLD, disk), (Base(base, OLD),), File(OLD, new))
    assert found.after == Disk(OLD, result)


TEXTS = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"d"]), max_size=12).map(b"".join)


@given(TEXTS, TEXTS, TEXTS)
def test_a_merge_loses_no_line_but_empty_ones(base: bytes, ours: bytes, theirs: bytes) -> None:
    merged, conflicts = merge_lines(base, ours, theirs)
    lines = merged.splitlines()
    for side in (ours, theirs):
        assert all(line in lines for line in side.splitlines() if line and line not in base.splitlines())
    if conflicts and base.endswith(b"\n") and ours.endswith(b"\n") and theirs.endswith(b"\n"):
        both = sides(merged)
        assert both
        assert both[0] == merge_lines(base, ours, theirs, "ours")[0]
        assert both[1] == merge_lines(base, ours, theirs, "theirs")[0]


@given(TEXTS, TEXTS)
def test_one_sided_changes_are_taken_whole(base: bytes, changed: bytes) -> None:
    assert merge_lines(base, changed, base) == (changed, 0)
    assert merge_lines(base, base, changed) == (changed, 0)
    assert merge_lines(base, changed, changed) == (changed, 0)


@given(TEXTS, TEXTS)
def test_a_union_has_every_line_of_both(one: bytes, two: bytes) -> None:
    lines = union([one + b"\n", two + b"\n"]).splitlines()
    assert all(lines.count(line) >= text.splitlines().count(line) for text in (one, two) for line in text.splitlines())


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_dress_is_taken_off_and_put_on_again(content_: bytes, like: bytes) -> None:
    dress = TextFormat.of(content_, like)
    assert dress.restore(dress.remove(content_)) == content_
