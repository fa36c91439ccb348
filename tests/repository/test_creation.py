import errno
import fcntl
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgen.core.errors import UserError
from msgen.core.output_paths import collision, is_safe
from msgen.core.tree import File
from msgen.repository.creation import new_repository, write_tree
from msgen.repository.staging import staged
from tests.conftest import files

TREE = {
    "README.md": File(b"hello\n"),
    "run": File(b"#!/bin/sh\n", 0o755),
    "services/a/app.py": File(b"\x00\xff", owner="a"),
}


def test_a_new_repository_holds_every_file_as_it_is(tmp_path: Path) -> None:
    os.umask(0o022)
    with new_repository(TREE, tmp_path / "shop"):
        pass
    assert files(tmp_path / "shop") == {path: file.content for path, file in TREE.items()}
    assert stat.S_IMODE((tmp_path / "shop").stat().st_mode) == 0o755
    assert {path: stat.S_IMODE((tmp_path / "shop" / path).stat().st_mode) for path in TREE} == {
        path: file.mode for path, file in TREE.items()
    }


def test_the_users_umask_holds(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        with new_repository(TREE, tmp_path / "shop"):
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "shop" / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "shop").stat().st_mode) == 0o700


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_where_making_it_fails(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), new_repository(TREE, tmp_path / "shop") as folder:
        assert files(folder)
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    with new_repository(TREE, tmp_path / "shop"):
        pass
    assert len(files(tmp_path / "shop")) == len(TREE)


def test_what_appears_at_the_target_meanwhile_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "shop"
    with pytest.raises(UserError, match="cannot write"), new_repository(TREE, target):
        target.mkdir()
        (target / "mine").write_text("mine")
    assert files(tmp_path) == {"shop/mine": b"mine"}


def test_what_a_dead_run_left_is_cleaned_up_and_a_living_ones_is_not(tmp_path: Path) -> None:
    dead = tmp_path / ".shop.msgen-00000000"
    (dead / "services").mkdir(parents=True)
    living = tmp_path / ".shop.msgen-11111111"
    living.mkdir()
    other = tmp_path / ".shopping.msgen-22222222"
    other.mkdir()
    lock = os.open(living, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with staged(tmp_path / "shop"):
        pass
    os.close(lock)
    assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, other.name, "shop"]


def test_without_locks_it_is_made_and_nothing_is_cleaned_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    (tmp_path / ".shop.msgen-00000000").mkdir()
    with staged(tmp_path / "shop"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".shop.msgen-00000000", "shop"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    # A limit on the size of files is what a full disk looks like without one.
    program = """
        import resource, sys
        from pathlib import Path
        from msgen.core.errors import UserError
        from msgen.core.tree import File
        from msgen.repository.creation import new_repository
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            with new_repository({"a": File(b"a"), "b": File(b"b" * 9000)}, Path("shop")):
                pass
        except UserError as error:
            sys.exit(error.problems[0].message)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "cannot write shop: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "x" * 1025,
        "C:x",
        "a\nb",
        "a. ",
        "a.",
        "/etc/passwd",
        "../a",
        "a/../../b",
        "a/..",
        "a//b",
        "a/",
        "./a",
        ".git/config",
        "a/.GIT/x",
        "a\\b",
        "a\0",
    ],
)
def test_a_path_that_could_lead_outside_is_refused(tmp_path: Path, path: str) -> None:
    assert not is_safe(path)
    with pytest.raises(UserError, match="refusing to write"):
        write_tree({path: File(b"")}, tmp_path)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("path", ["a", ".env.example", ".github/workflows/ci.yaml", "a/b-c_d/e.f", "sp ace", "ä/ö.txt"])
def test_a_plain_path_is_written(tmp_path: Path, path: str) -> None:
    write_tree({path: File(b"x")}, tmp_path)
    assert files(tmp_path) == {path: b"x"}


@given(st.text(st.sampled_from("ab./\\~:\0"), max_size=12))
def test_every_path_that_is_let_through_stays_inside(path: str) -> None:
    if is_safe(path):
        assert not Path(path).is_absolute()
        assert Path("/root/folder", path).resolve() == Path("/root/folder") / path


def test_paths_that_cannot_both_be_files_are_found() -> None:
    assert collision(["a", "b/c"]) is None
    assert collision(["README.md", "Readme.md"]) == ("README.md", "Readme.md")
    assert collision(["a/b", "A"]) == ("A", "a/b")
