"""Generated services pass the checkers of their language and their own tests, whatever options meet."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from .combinations import OPTIONS, chosen, combinations, described, sample
from .conftest import BUILD, EXAMPLES, generate, generate_from


def check(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (
        f"{folder.name}: {' '.join(map(str, command))}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"
    )


@pytest.fixture(scope="session")
def mypy(python_tools: Path, worker_id: str) -> list[str | Path]:
    """Command line with a cache for all services, since nine tenths of the time goes into their dependencies."""
    cache = BUILD / f"generated-mypy-{worker_id}"
    return [python_tools / "mypy", "--python-executable", python_tools / "python", "--cache-dir", cache]


@pytest.mark.parametrize("name", chosen())
def test_python_services(name: str, tmp_path: Path, python_tools: Path, mypy: list[str | Path], thorough: bool) -> None:
    description = combinations()[name]
    root = generate(description, tmp_path)
    check_python(root, python_tools, mypy)
    run_tests(root, python_tools, description["services"] if thorough else [described(description)])


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/msgen.yaml")))
def test_python_services_of_examples(
    example: str, tmp_path: Path, python_tools: Path, mypy: list[str | Path], thorough: bool
) -> None:
    root = generate_from(EXAMPLES / example / "msgen.yaml", tmp_path)
    check_python(root, python_tools, mypy)
    if thorough or example == "02-shop":
        run_tests(root, python_tools, (path.name for path in root.glob("services/*")))


def check_python(root: Path, python_tools: Path, mypy: list[str | Path]) -> None:
    check(root, python_tools / "ruff", "check", "--no-cache", ".")
    check(root, python_tools / "ruff", "format", "--no-cache", "--check", "--diff", ".")
    for service in sorted(path.parent for path in root.glob("services/*/pyproject.toml")):
        check(service, *mypy)
    check(root / "tests/system", *mypy)
    check(root / "tests/system", python_tools / "python", "-m", "pytest", "-q", "--collect-only")


def run_tests(root: Path, python_tools: Path, services: Iterable[str]) -> None:
    for service in services:
        if (root / "services" / service / "pyproject.toml").exists():
            check(root / "services" / service, python_tools / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_every_possible_pair_is_there() -> None:
    descriptions = [str(description) for description in combinations().values()]
    assert len(set(descriptions)) == len(descriptions)
    assert sum("analytics" in d and "wide" in n for n, d in zip(combinations(), descriptions, strict=True))


def test_the_sample_has_every_option_in_every_language() -> None:
    assert len(sample()) < len(combinations()) / 2
    for language in OPTIONS["language"]:
        of_language = [row for row in sample() if row["language"] == language]
        for option, values in OPTIONS.items():
            expected = [language] if option == "language" else values
            assert {row[option] for row in of_language} == {*expected}, (language, option)
