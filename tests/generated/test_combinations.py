"""Every pair of options: what is generated passes the checkers of its language, and its own tests, as it is."""

import subprocess
from pathlib import Path

import pytest

from .combinations import combinations
from .conftest import EXAMPLES, generate, generate_from

COMBINATIONS = dict(combinations())


def check(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (
        f"{folder.name}: {' '.join(map(str, command))}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"
    )


@pytest.mark.parametrize("name", COMBINATIONS)
def test_python_services(name: str, tmp_path: Path, python_tools: Path) -> None:
    check_python(generate(COMBINATIONS[name], tmp_path), python_tools)


def check_python(root: Path, python_tools: Path) -> None:
    services = sorted(path.parent for path in root.glob("services/*/pyproject.toml"))
    check(root, python_tools / "ruff", "check", "--no-cache", ".")
    check(root, python_tools / "ruff", "format", "--no-cache", "--check", "--diff", ".")
    for service in services:
        check(service, python_tools / "mypy", "--python-executable", python_tools / "python")
        check(service, python_tools / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    check(root / "tests/system", python_tools / "mypy", "--python-executable", python_tools / "python")
    check(root / "tests/system", python_tools / "python", "-m", "pytest", "-q", "--collect-only")


def test_every_possible_pair_is_there() -> None:
    described = [str(d) for d in COMBINATIONS.values()]
    assert len(set(described)) == len(described)
    assert sum("analytics" in d and "wide" in n for n, d in zip(COMBINATIONS, described, strict=True))


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/msgen.yaml")))
def test_python_services_of_examples(example: str, tmp_path: Path, python_tools: Path) -> None:
    check_python(generate_from(EXAMPLES / example / "msgen.yaml", tmp_path), python_tools)
