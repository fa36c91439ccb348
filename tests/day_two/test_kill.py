"""Killed at any moment, apply leaves the old or the new tree after the next command."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Msgen

from .conftest import edit


@pytest.mark.parametrize("kills", [24, pytest.param(1000, marks=pytest.mark.thorough)])
def test_killed_at_random_the_tree_is_the_old_or_the_new_one(
    shop: Path, pack: Path, msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    edit(shop / "README.md", "starts it all.", "starts it all. Have fun.")
    edit(shop / "msgen.yaml", "name: shop", "name: store")
    edit(shop / "msgen.yaml", "mails: {", "mails: {language: node, ")
    (shop / "services/users/app/settings.py").unlink()
    new = shutil.copytree(shop, tmp_path / "new", symlinks=True)
    monkeypatch.chdir(new)
    assert msgen("apply").code == 0
    program = Path(__file__).with_name("kill.py")
    arguments = [pack, shop, new, tmp_path / "work", kills, 1]
    found = subprocess.run(
        [sys.executable, program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=3000
    )
    assert found.returncode == 0, found.stderr
    assert "WRONG" not in found.stdout, found.stdout
    outcomes = dict(line.split(": ") for line in found.stdout.splitlines())
    assert int(outcomes["killed"]) > kills / 8, found.stdout
    assert any(name.startswith("old") for name in outcomes)
    assert any(name.startswith("new") for name in outcomes)
