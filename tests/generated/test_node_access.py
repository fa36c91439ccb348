"""Mutants of the guards of a Node.js service, each of which its generated tests find."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from .conftest import generate
from .nodejs import NodeTools
from .test_node import check_node, node_services, node_tools, run

__all__ = ["node_tools"]

DESCRIPTION: dict[str, Any] = {
    "msgen": 1,
    "name": "guarded",
    "defaults": {"language": "node", "access": "owner"},
    "roles": ["auditor", "support"],
    "services": {
        "accounts": {"blueprint": "auth"},
        "bills": {"language": "python", "calls": ["shop"], "resources": {"bill": {"total": "decimal"}}},
        "mills": {"language": "python", "calls": ["bills"]},
        "shop": {
            "resources": {
                "order": {
                    "fields": {
                        "total": {"type": "decimal", "read": "support"},
                        "status": {"enum": ["pending", "paid"], "default": "pending", "write": "support"},
                    },
                    "access": {
                        "list": ["auditor", "owner", "support"],
                        "read": ["auditor", "owner", "support"],
                        "create": ["support", "auditor"],
                        "update": ["owner", "support"],
                        "delete": "support",
                    },
                }
            }
        },
    },
}
MUTANTS = {
    "nothing is guarded": (r"createRepository\(orders, \{ access \}\)", "createRepository(orders)"),
    "everybody owns a row": (r'owner: "owner_id"', 'owner: "version"'),
    "somebody else owns a row": (r"owner_id: caller\(\)", "owner_id: crypto.randomUUID()"),
    "a guard is missing": (r'    guards: \[access.guard\("create"\)\],\n', ""),
    "total is shown": (r"OrderRead, row, access\.hidden", "OrderRead, row"),
    "total is listed": (r"page, access\.hidden", "page"),
    "anybody sets the status": (r"    access\.checkFields\(request\.body\);\n", ""),
    "anybody changes the status": (r"    access\.checkFields\(request\.body, row\);\n", ""),
    "anybody reads the total": (r'total: \{ read: \["', 'total: { read: ["user", "'),
    "anybody writes the status": (r'status: \{ write: \["', 'status: { write: ["user", "'),
    **{
        f"{widened} may {action}": (rf"^  {action}: \[", f'  {action}: ["{widened}", ')
        for action, widened in [
            ("list", "user"),
            ("read", "user"),
            ("create", "user"),
            ("update", "auditor"),
            ("delete", "owner"),
            ("delete", "auditor"),
        ]
    },
}
"""Name -> pattern in the module of the resource, and replacement."""


SAMPLE = ("nothing is guarded", "total is listed", "anybody changes the status", "user may list", "auditor may delete")


def is_accepted(service: Path, tools: NodeTools) -> bool:
    """Return whether the tests of access pass; some pass in every service that works."""
    options = ("--import", "./chassis/testing/setup.ts", "--test", "--test-reporter=tap")
    names = "--test-name-pattern=gets what|is hidden|is not"
    try:
        run(service, tools, "node", *options, names, "test/resources/order.test.ts")
    except AssertionError as error:
        if not re.search("# pass [1-9]", str(error)):
            raise
        return False
    return True


def test_generated_tests_find_every_mutant_of_a_guard(tmp_path: Path, node_tools: NodeTools, thorough: bool) -> None:
    services = check_node(generate(DESCRIPTION, tmp_path), node_tools)
    shop = next(service for service in services if service.name == "shop")
    module = shop / "src/resources/order.ts"
    original = module.read_text("utf-8")
    assert is_accepted(shop, node_tools)
    survivors = []
    for name in MUTANTS if thorough else SAMPLE:
        pattern, replacement = MUTANTS[name]
        mutant, count = re.subn(pattern, replacement, original, flags=re.MULTILINE)
        assert count, f"{name}: nothing to change"
        module.write_text(mutant, "utf-8")
        if is_accepted(shop, node_tools):
            survivors.append(name)
    assert not survivors


def test_a_column_that_becomes_the_owner_gets_an_index(tmp_path: Path, node_tools: NodeTools) -> None:
    fields = {"account": "uuid", "total": "decimal"}
    orders: dict[str, Any] = {"resources": {"order": {"fields": fields}}}
    description = {**DESCRIPTION, "defaults": {"language": "node", "access": "open"}}
    description |= {"services": {"accounts": {"blueprint": "auth"}, "shop": orders}}
    root = generate(description, tmp_path)
    orders["resources"]["order"]["owner"] = "account"
    (root / "msgen.yaml").write_text(json.dumps(description), "utf-8")
    subprocess.run([sys.executable, "-m", "msgen", "apply"], cwd=root, check=True, stdin=subprocess.DEVNULL)
    shop = next(service for service in node_services(root, node_tools) if service.name == "shop")
    *_, last = sorted((shop / "migrations").glob("*.sql"))
    assert 'CREATE INDEX "orders_account_idx"' in last.read_text("utf-8")
    run(shop, node_tools, "node", "--import", "./chassis/testing/setup.ts", "--test", "test/migrations.test.ts")
