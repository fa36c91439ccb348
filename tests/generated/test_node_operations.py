"""Node.js services with every kind of operation and rule: checked and tested as generated, and against the contract."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import generate
from .nodejs import NodeTools
from .test_contracts import operations
from .test_node import NODE_API, check_node, node_tools, run
from .test_operations import TELEMETRY, description

__all__ = ["node_tools"]

WRITTEN = Path(__file__).with_name("operations_node")
"""What a team writes: code of some operations, and its tests."""
OWN_API = ("node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", NODE_API)


def comparable(document: str) -> dict[str, Any]:
    return operations(json.loads(json.dumps(yaml.safe_load(document), sort_keys=True)))


OPEN = pytest.param(False, id="open", marks=pytest.mark.thorough)


@pytest.mark.parametrize("accounts", [pytest.param(True, id="accounts"), OPEN])
def test_node_operations(accounts: bool, tmp_path: Path, node_tools: NodeTools) -> None:
    telemetry = TELEMETRY if accounts else {"metrics": "none"}
    root = generate(description("node", accounts=accounts, telemetry=telemetry), tmp_path)
    if accounts:
        orders = root / "services/orders"
        shutil.copytree(WRITTEN, orders, dirs_exist_ok=True)
        for path in WRITTEN.glob("src/operations/*"):
            (orders / "test/operations" / path.with_suffix(".test.ts").name).unlink()
    for service in check_node(root, node_tools):
        if service.name != "accounts":
            run(service, node_tools, "npm", "test", "--silent")
        if service.name != "billing":  # has no API of its own
            contract = (root / f"contracts/openapi/{service.name}.yaml").read_text()
            assert comparable(run(service, node_tools, *OWN_API).splitlines()[-1]) == comparable(contract)
