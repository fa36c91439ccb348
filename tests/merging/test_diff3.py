"""Three-way merges of lines, held against git's."""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from msgen.merging.diff3 import Lines, Region, merge_three, merge_two

MERGES, THOROUGH_MERGES = 200, 10_000
SAME_ALIGNMENT = 0.9
"""Share of merges that must equal git's even if repeated lines can be aligned in several ways."""

Draw = Callable[[], bytes]


def test_regions() -> None:
    base, ours, theirs = lines("abcdefg"), lines("aBcdefg"), lines("abcdeFGg")
    assert joined(merge_three(base, ours, theirs)) == [lines("aBcdeFGg")]


def test_changes_of_adjacent_lines_are_a_conflict() -> None:
    found = joined(merge_three(lines("abcd"), lines("aBcd"), lines("abCd")))
    assert found == [lines("a"), (lines("bc"), lines("Bc"), lines("bC")), lines("d")]


def test_without_a_base_every_difference_is_a_conflict() -> None:
    found = joined(merge_two(lines("abcd"), lines("aBcde")))
    assert found == [lines("a"), ([], lines("b"), lines("B")), lines("cd"), ([], [], lines("e"))]


@pytest.mark.parametrize(("seed", "alphabet"), [(1, 0), (2, 20), (3, 6)])
def test_merges_are_gits(tmp_path: Path, thorough: bool, seed: int, alphabet: int) -> None:
    """Without repeated lines every result equals git's; with an alphabet of few lines nearly every one."""
    chance = random.Random(seed)
    numbers = iter(range(10**9))

    def draw() -> bytes:
        return b"%d\n" % (chance.randrange(alphabet) if alphabet else next(numbers))

    differing, merges = 0, (THOROUGH_MERGES if thorough else MERGES) // 3 + 1
    for _ in range(merges):
        base = [draw() for _ in range(chance.randrange(25))]
        ours, theirs = changed(base, chance, draw), changed(base, chance, draw)
        same = joined(merge_three(base, ours, theirs)) == by_git(tmp_path, base, ours, theirs)
        assert same or alphabet, (base, ours, theirs)
        differing += not same
    assert differing <= (1 - SAME_ALIGNMENT) * merges


def lines(letters: str) -> list[bytes]:
    return [f"{letter}\n".encode() for letter in letters]


def changed(base: list[bytes], chance: random.Random, draw: Draw) -> list[bytes]:
    result = list(base)
    for _ in range(chance.randrange(4)):
        at, removed, added = chance.randint(0, len(result)), chance.randrange(3), chance.randrange(3)
        result[at : at + removed] = [draw() for _ in range(added)]
    return result


def joined(regions: object) -> list[object]:
    """Adjacent merged regions as one; conflicts as triples of base, ours and theirs."""
    found: list[object] = []
    for conflict, base, ours, theirs in regions:  # type: ignore[attr-defined]
        if conflict:
            found.append((list(base), list(ours), list(theirs)))
        elif found and isinstance(found[-1], list):
            found[-1] += ours
        elif ours:
            found.append(list(ours))
    return found


def by_git(folder: Path, base: Lines, ours: Lines, theirs: Lines) -> list[object]:
    for name, content in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes(b"".join(content))
    command = ["git", "merge-file", "--stdout", "--quiet", "--diff3", "ours", "base", "theirs"]
    output = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
    return joined(regions_of(output))


def regions_of(output: bytes) -> list[Region]:
    """Read the output of `git merge-file --diff3`."""
    merged: list[bytes] = []
    sides: list[list[bytes]] = []
    found, into = [], merged
    for line in output.splitlines(keepends=True):
        if line.startswith(b"<<<<<<<"):
            found.append(Region(False, (), merged, ()))
            sides = [[], [], []]
            into = sides[1]
        elif line.startswith(b"|||||||"):
            into = sides[0]
        elif line.startswith(b"======="):
            into = sides[2]
        elif line.startswith(b">>>>>>>"):
            found.append(Region(True, *sides))
            merged = into = []
        else:
            into.append(line)
    return [*found, Region(False, (), merged, ())]
