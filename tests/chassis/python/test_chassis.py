"""Run the chassis's own tests in generated services, once for all services of the language."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.chassis.systems import description
from tests.generated.conftest import generate, python_tools
from tests.generated.test_combinations import check

__all__ = ["python_tools"]

HERE = Path(__file__).parent
SUITES = {
    "service": ("dns", "orders", ["orders"]),
    "publisher": ("dns", "feeder", ["feeder"]),
    "mailer": ("dns", "mails", ["mails"]),
    "consul": ("consul", "orders", ["consul", "discovery"]),
    "eureka": ("eureka", "orders", ["eureka", "discovery"]),
    "provider": ("dns", "orders", ["provider"]),
}
"""Suite -> discovery of the system, service, and directories of tests that are put into the service."""


@pytest.mark.parametrize("suite", SUITES)
def test_python_chassis(suite: str, tmp_path: Path, python_tools: Path) -> None:
    discovery, name, directories = SUITES[suite]
    service = generate(description(HERE, suite, discovery), tmp_path) / "services" / name
    shutil.rmtree(service / "tests")
    for directory in directories:
        shutil.copytree(HERE / directory, service / "tests", dirs_exist_ok=True)
    shutil.copy(HERE / "shared/conftest.py", service / "tests")
    check(service, python_tools / "ruff", "check", "--no-cache", "tests")
    check(service, python_tools / "ruff", "format", "--no-cache", "--check", "tests")
    check(service, python_tools / "mypy", "--python-executable", python_tools / "python")
    check(service, python_tools / "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_every_suite_runs() -> None:
    used = {directory for _, _, directories in SUITES.values() for directory in directories}
    assert used == {path.parent.name for path in HERE.glob("*/test_*.py")}
