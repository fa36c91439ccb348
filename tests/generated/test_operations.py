"""Services with every kind of operation and rule: with accounts or without, with telemetry or without."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import generate
from .test_combinations import check_python, mypy, run_tests
from .test_contracts import check as check_contracts

__all__ = ["mypy"]

TELEMETRY = {"metrics": "prometheus", "traces": "jaeger"}
OF_ACCESS = ("access", "owner", "read", "roles")


def description(language: str, *, accounts: bool, telemetry: dict[str, str]) -> dict[str, Any]:
    system = yaml.safe_load(Path(__file__).with_name("operations.yaml").read_text())
    if not accounts:
        del system["services"]["accounts"]
        system = without(system, OF_ACCESS)
    return {**system, "defaults": {"language": language}, "observability": telemetry}


def without(part: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(part, list):
        return [without(item, keys) for item in part]
    return {k: without(v, keys) for k, v in part.items() if k not in keys} if isinstance(part, dict) else part


OPEN = pytest.param(False, id="open", marks=pytest.mark.thorough)


@pytest.mark.parametrize("accounts", [pytest.param(True, id="accounts"), OPEN])
def test_python_operations(accounts: bool, tmp_path: Path, python_tools: Path, mypy: list[str | Path]) -> None:
    telemetry = TELEMETRY if accounts else {"metrics": "none"}
    root = generate(description("python", accounts=accounts, telemetry=telemetry), tmp_path)
    check_python(root, python_tools, mypy)
    run_tests(root, python_tools, ["billing", "orders", "rates"])
    check_contracts(root, python_tools)
