"""Every example in every --help does what it says."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from msgen.cli import app as cli
from tests.conftest import Msgen

LASTING = ("dev",)
"""Commands that start processes: only their options are read here, and tests/dev runs them."""
OUTSIDE = ("new", "schema")
"""Commands that are run outside of a repository."""

DESCRIPTION = """\
msgen: 1
name: myshop
services:
  users: {resources: {user: {email: email}}}
  orders: {calls: [users]}
  billing: {}
"""


def examples() -> Iterator[str]:
    def walk(command: Any) -> Iterator[str]:
        for line in (command.epilog or "").splitlines():
            if line.strip().startswith("msgen "):
                yield line.partition(" #")[0].strip()
        for child in getattr(command, "commands", {}).values():
            yield from walk(child)

    return walk(typer.main.get_command(cli.app))


def test_commands_that_take_arguments_have_examples() -> None:
    found = {line.split()[1] for line in examples()}
    assert {"new", "schema", "check", "add-service", "remove-service", "templates"} <= found


@pytest.mark.parametrize("example", sorted(set(examples())))
def test_an_example_works(example: str, msgen: Msgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = shlex.split(example)[1:]
    if ">" in arguments:
        arguments = arguments[: arguments.index(">")]
    if arguments[0] in LASTING:
        assert msgen(*arguments, "--help").code == 0
        return
    (tmp_path / "shop.yaml").write_text(DESCRIPTION)
    if arguments[0] not in OUTSIDE:
        assert msgen("new", "--description", "shop.yaml").code == 0
        monkeypatch.chdir(tmp_path / "myshop")
        (tmp_path / "myshop/drafts").mkdir()
        (tmp_path / "myshop/drafts/shop.yaml").write_text(DESCRIPTION)
    if arguments[0] == "add-service" and arguments[1] in ("orders", "billing"):
        assert msgen("remove-service", arguments[1]).code == 0
    for number, word in enumerate(arguments):
        if word.startswith("gh:"):
            arguments[number] = str(starter(tmp_path))
        if word.startswith("~"):
            arguments[number] = str(Path(word).expanduser())
            Path(arguments[number]).mkdir(parents=True)
    done = msgen(*arguments)
    assert done.code == 0, done.err


def starter(folder: Path) -> Path:
    """What stands for a starter on the net."""
    root = folder / "starter"
    root.mkdir()
    (root / "copier.yml").write_text("team: {type: str, default: none}\n")
    (root / "msgen.yaml.jinja").write_text("msgen: 1\nname: {{ name }}\nservices: {users: {}}\n")
    return root
