"""Constraints over several fields are in the first migration, follow changes of the description, and name fields."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .conftest import generate
from .test_combinations import check
from .test_node import check_node, node_tools, run

__all__ = ["node_tools"]

LONG = {
    "fields": {
        "a_field_whose_name_is_as_long_as_allowed": "string",
        "another_of_such_a_considerable_length": "integer",
    },
    "unique": ["a_field_whose_name_is_as_long_as_allowed", "another_of_such_a_considerable_length"],
    "index": ["another_of_such_a_considerable_length", "a_field_whose_name_is_as_long_as_allowed"],
}
FIELDS: dict[str, Any] = {
    "room": {"type": "string", "index": True},
    "starts_at": "datetime",
    "ends_at": "datetime",
    "paid_at": "datetime?",
    "least": {"type": "integer", "min": 1, "max": 9},
    "most": {"type": "integer", "min": 1, "max": 9},
    "price": "decimal",
    "max_price": "decimal",
}
FIRST: dict[str, Any] = {
    "fields": {**FIELDS, "floor": "integer"},
    "unique": [["room", "starts_at"], ["floor", "ends_at"]],
    "index": [["floor", "created_at"], ["price", "max_price"]],
    "checks": ["ends_at > starts_at", "least <= most"],
}
SECOND: dict[str, Any] = {
    "fields": {"hall" if name == "room" else name: field for name, field in FIELDS.items()},
    "unique": [["hall", "starts_at"], ["price", "paid_at"]],
    "index": [["price", "max_price"], ["hall", "updated_at"]],
    "checks": ["ends_at > starts_at", "price < max_price", "paid_at >= ends_at"],
}


def described(language: str, booking: dict[str, Any]) -> dict[str, Any]:
    rooms = {"resources": {"booking": booking, "resource_with_the_longest_possible_name": LONG}}
    return {"msgen": 1, "name": "made", "defaults": {"language": language}, "services": {"rooms": rooms}}


def changed(language: str, into: Path) -> Path:
    """Return the service after a change of the description."""
    root = generate(described(language, FIRST), into)
    (root / "msgen.yaml").write_text(json.dumps(described(language, SECOND)))
    command = [sys.executable, "-m", "msgen", "apply", "--allow-destructive", "--renamed", "rooms.booking.room=hall"]
    subprocess.run(command, cwd=root, capture_output=True, check=True)
    return root / "services/rooms"


def test_python(tmp_path: Path, python_tools: Path) -> None:
    service = changed("python", tmp_path)
    check(service, python_tools / "ruff", "check", ".")
    check(service, python_tools / "ruff", "format", "--check", ".")
    check(service, python_tools / "pytest", "-q", "tests", "chassis/testing")


def test_node(tmp_path: Path, node_tools: Any) -> None:
    service = changed("node", tmp_path)
    check_node(service.parents[1], node_tools)
    run(service, node_tools, "node", "--run", "test")
