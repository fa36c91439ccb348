"""A small system on disk, made with a small pack, for tests of what happens to its files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Msgen, Run, git

SMALL_PACK = Path(__file__).parents[1] / "pack"

DESCRIPTION = """\
# Our shop.
msgen: 1
name: shop

queues:
  welcome: {email: email}

services:
  users:
    resources:
      user: {email: email, name: string}

  # Sends the mails.
  mails: {database: none, consumes: [welcome]}

  auth:  # not the blueprint
    sends: [welcome]
"""


@pytest.fixture
def pack(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small pack, which takes the built-in one's place; a copy that a test may change, as a new version would."""
    root = tmp_path_factory.mktemp("pack") / "templates"
    shutil.copytree(SMALL_PACK, root)
    use_pack(root, monkeypatch)
    return root


def use_pack(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgen.commands import check, new, reconcile

    for module in (new, check, reconcile):
        monkeypatch.setattr(module, "builtin_root", lambda: root)


Shop = Callable[[str], Path]


@pytest.fixture
def shop(pack: Path, msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    """A system in git, and the current folder in it."""
    (tmp_path / "shop.yaml").write_text(DESCRIPTION)
    made = msgen("new", "--description", "shop.yaml")
    assert made.code == 0, made.err
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def commit(root: Path, message: str = "x") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def actions(run: Run) -> dict[str, str]:
    """What a listing says of each path."""
    rows = (line.split(maxsplit=2) for line in run.out.splitlines() if not line.endswith("."))
    return {path: action for action, path, *_ in rows}
