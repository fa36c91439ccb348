"""Mutants of the guards of a Python service, each of which its generated tests find."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from .conftest import generate
from .test_combinations import check, check_python, mypy

__all__ = ["mypy"]

OWNED = {"list": ["owner", "support"], "read": ["owner", "support", "admin"]}
DESCRIPTION: dict[str, Any] = {
    "msgen": 1,
    "name": "guarded",
    "defaults": {"language": "python", "access": "owner"},
    "roles": ["support"],
    "services": {
        "accounts": {"blueprint": "auth"},
        "counts": {"blueprint": "analytics", "subscribes": ["order.created"]},
        "people": {
            "language": "node",
            "publishes": ["person.joined"],
            "calls": ["shop"],
            "resources": {"person": {"name": "string"}},
        },
        "mills": {"language": "node", "calls": ["people"]},
        "shop": {
            "publishes": ["order.created"],
            "subscribes": ["person.joined"],
            "resources": {
                "customer": {
                    "owner": "id",
                    "fields": {"email": {"type": "email", "unique": True}, "nickname": "string?"},
                },
                "order": {
                    "owner": "customer_id",
                    "fields": {
                        "customer_id": {"type": "uuid", "references": "shop.customer"},
                        "total": "decimal",
                        "margin": {"type": "decimal", "optional": True, "read": "support"},
                        "status": {"enum": ["pending", "paid"], "default": "pending", "write": "support"},
                    },
                    "access": {**OWNED, "create": "user", "update": ["owner", "support"], "delete": "admin"},
                },
                "line": {"order_id": {"type": "uuid", "references": "shop.order"}, "quantity": "integer"},
                "product": {
                    "fields": {"name": "string"},
                    "access": {
                        "list": "public",
                        "read": "public",
                        "create": "admin",
                        "update": "admin",
                        "delete": "admin",
                    },
                },
            },
        },
    },
    "events": {"person.joined": {"user_id": "uuid", "email": "email", "city": "string"}},
}

ORDER, PRODUCT = "app/resources/order.py", "app/resources/product.py"
CRUD, WIRING = "chassis/crud.py", "chassis/wiring.py"
MUTANTS = {
    "nobody guards orders": (ORDER, r"access\.declare\([^)]*\)\n", ""),
    "everybody lists orders": (ORDER, r"list=\[", 'list=["user", '),
    "everybody reads orders": (ORDER, r" read=\[", ' read=["user", '),
    "support deletes orders": (ORDER, r"delete=\[", 'delete=["support", '),
    "admins change orders": (ORDER, r"update=\[", 'update=["admin", '),
    "the wrong column has the owner": (ORDER, r"owner=OrderRow\.customer_id", "owner=OrderRow.id"),
    "everybody sees the margin": (ORDER, r"access\.shown\(row\)", "row"),
    "lists show the margin": (ORDER, r"replace\(found, .*\)", "found"),
    "everybody sorts by the margin": (ORDER, r"    readers=.*\n", ""),
    "everybody sets the status": (ORDER, r"    access\.check_new\(.*\)\n", ""),
    "everybody changes the status": (ORDER, r"    writers=.*\n", ""),
    "owners need no profile": (ORDER, r"    await crud\.require\(.*\)\n", ""),
    "everybody creates products": (PRODUCT, r"create=\[", 'create=["user", '),
    "bodies are read before the guard": (PRODUCT, r"    dependencies=.*\n", ""),
    "lists need a token": (PRODUCT, "openapi_extra=PUBLIC", "openapi_extra=None"),
    "rows have no owner": (CRUD, r"    access\.claim\(row\)\n", ""),
    "lists hold all rows": (CRUD, r", \*access\.conditions\(.*?\)", ""),
    "all rows are readable": (CRUD, r" or not access\.check_read\(row\)", ""),
    "all rows are referable": (CRUD, r" or not access\.is_readable\(row\)", ""),
    "all rows may be changed": (CRUD, r"    access\.check\(\"update\".*\n", ""),
    "all rows may be deleted": (CRUD, r"    access\.check\(\"delete\".*\n", ""),
    "no token is needed": (WIRING, r"Depends\(chassis\.tokens\.guard\)", ""),
}
"""Name -> file, pattern in it, and replacement."""
TESTS = {
    ORDER: ["tests/test_order.py"],
    PRODUCT: ["tests/test_product.py"],
    CRUD: ["tests/test_order.py", "tests/test_line.py"],
    WIRING: ["tests/test_product.py"],
}
NAMES = "access or is_created or is_not or without or must_be or creates_one or only_some"
SAMPLE = ("support deletes orders", "lists show the margin", "rows have no owner", "all rows are referable")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(DESCRIPTION, tmp_path_factory.mktemp("guarded"))


def test_guarded_services_pass_their_tests(root: Path, python_tools: Path, mypy: list[str | Path]) -> None:
    check_python(root, python_tools, mypy)
    check(root / "services/shop", *command_of_access_tests(python_tools))
    check(root / "services/counts", *command_of_access_tests(python_tools))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.thorough) for name in MUTANTS]
)
def test_generated_tests_find_mutants_of_guards(name: str, root: Path, tmp_path: Path, python_tools: Path) -> None:
    shop = shutil.copytree(root / "services/shop", tmp_path / "shop")
    file, pattern, replacement = MUTANTS[name]
    mutant, count = re.subn(pattern, replacement, (shop / file).read_text("utf-8"))
    assert count, "nothing to change"
    (shop / file).write_text(mutant, "utf-8")

    with pytest.raises(AssertionError, match="FAILED tests"):
        check(shop, *command_of_access_tests(python_tools), "-x", *TESTS[file])


def command_of_access_tests(python_tools: Path) -> list[str | Path]:
    return [python_tools / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", NAMES]
