"""Conflict markers as git and msgen write them."""

import pytest

from msgen.merging.text import has_markers, sides


@pytest.mark.parametrize("width", [7, 8, 9])
def test_markers_that_git_widened_are_markers(width: int) -> None:
    content = f"a\n{'<' * width} HEAD:one\nb\n{'=' * width}\nc\n{'>' * width} other:two\nd\n".encode()
    assert has_markers(content)
    assert sides(content) == (b"a\nb\nd\n", b"a\nc\nd\n")


def test_the_base_of_a_conflict_belongs_to_no_side() -> None:
    content = b"<<<<<<< yours\nb\n||||||| base\nx\n=======\nc\n>>>>>>> theirs\n"
    assert sides(content) == (b"b\n", b"c\n")


def test_lines_of_another_width_inside_a_conflict_are_content() -> None:
    content = b"<<<<<<<< HEAD\nTitle\n=======\n========\nc\n>>>>>>>> other\n"
    assert sides(content) == (b"Title\n=======\n", b"c\n")


@pytest.mark.parametrize(
    "content", [b"<<<<<<< HEAD\nb\n", b"a\n>>>>>>> other\n", b"<<<<<<< HEAD\n=======\n<<<<<<< HEAD\n"]
)
def test_incomplete_markers_have_no_sides(content: bytes) -> None:
    assert has_markers(content)
    assert sides(content) is None


@pytest.mark.parametrize("content", [b"a\n=======\nb\n", b"  <<<<<<< HEAD\n", b"<<<<<<<\n"])
def test_other_lines_are_no_markers(content: bytes) -> None:
    assert not has_markers(content)
