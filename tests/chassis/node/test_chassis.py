"""Run the chassis's own tests in generated services, once for all services of the language."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.chassis.systems import description
from tests.generated.conftest import generate
from tests.generated.test_node import node_services, node_tools, run

__all__ = ["node_tools"]

HERE = Path(__file__).parent
SUITES = {
    "service": ("dns", "orders", ["orders"]),
    "publisher": ("dns", "feeder", ["feeder"]),
    "consul": ("consul", "orders", ["consul", "discovery"]),
    "eureka": ("eureka", "orders", ["eureka", "discovery"]),
    "provider": ("dns", "orders", ["provider"]),
}
"""Suite -> discovery of the system, service, and directories of tests that are put into the service."""


@pytest.mark.parametrize("suite", SUITES)
def test_node_chassis(suite: str, tmp_path: Path, node_tools: Any) -> None:
    discovery, name, directories = SUITES[suite]
    root = generate(description(HERE, suite, discovery), tmp_path)
    service = next(path for path in node_services(root, node_tools) if path.name == name)
    shutil.rmtree(service / "test", ignore_errors=True)
    for directory in directories:
        shutil.copytree(HERE / directory, service / "test" / directory)
    for script in ("lint", "typecheck"):
        run(service, node_tools, "npm", "run", "--silent", script)
    run(service, node_tools, "npm", "test", "--silent")


def test_every_suite_runs() -> None:
    used = {directory for _, _, directories in SUITES.values() for directory in directories}
    assert used == {path.parent.name for path in HERE.glob("*/*.test.ts")}, json.dumps(sorted(used))
