"""What `msgen diff` prints is a patch that git takes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Msgen, files

from .conftest import commit, edit

BREAKS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r", "\x1b[31m"]


@pytest.mark.parametrize("character", BREAKS, ids=ascii)
def test_lines_end_where_git_ends_them(shop: Path, msgen: Msgen, pack: Path, character: str) -> None:
    with (pack / "system/README.md.j2").open("a", newline="") as file:
        file.write(f"one{character}two\nthree\n")
    assert_applies(shop, msgen)
    edit(pack / "system/README.md.j2", "three", "four")
    assert_applies(shop, msgen)


def test_every_kind_of_change_applies(shop: Path, msgen: Msgen, pack: Path) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all.\n\nNo newline at the end")
    readme = shop / "README.md"
    readme.write_text(readme.read_text().rstrip("\n"))
    commit(shop)
    (pack / "system/a name with spaces.txt").write_text("new\n")
    (pack / "system/empty.txt").write_text("")
    (pack / "system/ümläut.txt").write_text("new\n")
    (pack / "python/service/.gitignore").unlink()
    (pack / "python/service/run").write_text("#!/bin/sh\nexec true\n")
    edit(pack / "system/README.md.j2", "# ", "# The ")
    edit(pack / "pack.yaml", 'executable: [run, "*/run"]', "executable: [run]")
    assert_applies(shop, msgen)


def test_a_file_without_any_content_and_one_that_goes(shop: Path, msgen: Msgen, pack: Path) -> None:
    (pack / "python/service/.gitignore").write_text("")
    assert_applies(shop, msgen)
    assert msgen("apply").code == 0
    (pack / "python/service/.gitignore").unlink()
    (pack / "system/run").unlink()
    assert_applies(shop, msgen)


def assert_applies(shop: Path, msgen: Msgen) -> None:
    """Git makes of the repository what `msgen apply` makes of it."""
    commit(shop)
    copy = shop.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(shop, copy)
    shown = msgen("diff")
    assert shown.code == 1
    for arguments in (["--check"], []):
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", *arguments], cwd=copy, input=shown.out.encode(), capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode() + shown.out
    assert msgen("apply").code == 0
    assert described(copy) == described(shop)


def described(root: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        path: (content, bool((root / path).stat().st_mode & 0o111))
        for path, content in files(root).items()
        if not path.startswith(".msgen/")
    }
