"""Packages that a team adds with `make add` stay when msgen changes the packages of a service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from msgen.merging.lock_files import PINNED
from tests.conftest import Msgen

from .conftest import commit, edit

DESCRIPTION = """\
msgen: 1
name: two
observability: {metrics: none}
services:
  python-one: {language: python, database: none}
  node-one: {language: node, database: none}
"""
ADDED = {"python-one": "prettytable", "node-one": "proper-lockfile"}
"""They sort next to packages that metrics bring."""


def run(folder: Path, *command: str) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def packages(root: Path) -> dict[str, set[str]]:
    """Direct and locked packages of each service."""
    python, node = root / "services/python-one", root / "services/node-one"
    manifest, lock = (json.loads((node / name).read_text()) for name in ("package.json", "package-lock.json"))
    assert lock["packages"][""]["dependencies"] == manifest["dependencies"]
    pins = {found[1].decode() for found in PINNED.finditer((python / "requirements.txt").read_bytes())}
    return {
        "python-one": {name for name in pins if f'    "{name}' in (python / "pyproject.toml").read_text()},
        "node-one": {name for name in manifest["dependencies"] if f"node_modules/{name}" in lock["packages"]},
    }


def test_added_packages_stay_and_the_locks_hold(tmp_path: Path, msgen: Msgen, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "two"
    (tmp_path / "two.yaml").write_text(DESCRIPTION)
    assert msgen("new", "--description", "two.yaml").code == 0
    monkeypatch.chdir(root)
    before = packages(root)
    for service, package in ADDED.items():
        run(root, "make", "add", f"SERVICE={service}", f"PACKAGE={package}")
        before[service].add(package)
    assert packages(root) == before
    commit(root)

    edit(root / "msgen.yaml", "metrics: none", "metrics: prometheus")
    applied = msgen("apply")
    assert (applied.code, "conflict" in applied.out) == (0, False)
    brought = {"python-one": {"prometheus-client"}, "node-one": {"prom-client"}}
    assert packages(root) == {service: names | brought[service] for service, names in before.items()}
    assert msgen("upgrade").out == "Nothing to do.\n"

    uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--dry-run", "--target", str(tmp_path / "target"))
    run(root / "services/python-one", *uv, "--require-hashes", "-r", "requirements.txt")
    run(root / "services/node-one", "npm", "ci", "--dry-run", "--no-audit", "--no-fund")
