"""Other systems than the shop of the examples: each starts, and its own system tests are green."""

from pathlib import Path

import pytest

from .conftest import EXAMPLES, running


# The one in Python lives on in `test_day_two`.
@pytest.mark.parametrize("language", [pytest.param("python", marks=pytest.mark.thorough), "node"])
def test_the_shop_in_one_language(language: str, tmp_path: Path) -> None:
    with running(language, tmp_path, "shop", "--language", language) as system:
        check(system.run("make", "system-test", timeout=900))


@pytest.mark.parametrize("example", ["01-minimal", "03-worker", "05-observed"])
def test_example(example: str, tmp_path: Path) -> None:
    with running(example, tmp_path, "--description", str(EXAMPLES / example / "msgen.yaml")) as system:
        check(system.run("make", "system-test", timeout=900))


def check(output: str) -> None:
    assert " passed" in output
    assert " skipped" not in output
