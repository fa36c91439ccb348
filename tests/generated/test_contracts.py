"""The APIs in `contracts/openapi` are those that services describe themselves."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .combinations import chosen, combinations
from .conftest import EXAMPLES, generate, generate_from
from .test_node import PYTHON_API, example, in_language

SHOWN_ONLY = ("title", "summary", "description", "tags", "x-access")


def own_apis(root: Path, python: Path) -> dict[str, Any]:
    """Of each service, by its name, what it says itself."""
    found = {}
    for contract in sorted(root.glob("contracts/openapi/*.yaml")):
        service = root / "services" / contract.stem
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [python, "-c", PYTHON_API], cwd=service, env=environment, capture_output=True, text=True, check=True
        )
        found[contract.stem] = operations(json.loads(done.stdout.splitlines()[-1]))
    return found


def operations(document: dict[str, Any]) -> dict[str, Any]:
    """`get /orders` -> all that is said of it, in place of references; without what is for readers only."""
    return {
        f"{method} {path}": comparable(
            inline({**operation, "parameters": item.get("parameters", []) + operation.get("parameters", [])}, document)
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and not path.startswith("/health/")
    }


def inline(part: Any, document: dict[str, Any]) -> Any:
    if isinstance(part, dict) and "$ref" in part:
        target: Any = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        return inline(target, document)
    if isinstance(part, dict):
        return {key: inline(value, document) for key, value in part.items()}
    return [inline(item, document) for item in part] if isinstance(part, list) else part


def comparable(part: Any, *, names: bool = False) -> Any:
    if isinstance(part, list):
        return [comparable(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if names or key not in SHOWN_ONLY or isinstance(value, dict)}
    shown = {key: comparable(value, names=key == "properties") for key, value in kept.items()}
    if shown.get("in") in ("query", "header"):
        shown.setdefault("required", False)
        given = [schema for schema in shown["schema"].get("anyOf", []) if schema != {"type": "null"}]
        if len(given) == 1:  # there is no null in a query
            shown["schema"] = given[0]
    for key in ("required", "parameters", "security"):
        if isinstance(shown.get(key), list):
            shown[key] = sorted(shown[key], key=json.dumps)
    return shown


def check(root: Path, python_tools: Path) -> None:
    contracts = {path.stem: yaml.safe_load(path.read_text()) for path in root.glob("contracts/openapi/*.yaml")}
    assert {name: operations(document) for name, document in contracts.items()} == own_apis(
        root, python_tools / "python"
    )
    assert all(document["openapi"] == "3.1.0" for document in contracts.values())


@pytest.mark.parametrize("name", chosen(lambda name: "wide" in name or "related" in name))
def test_contracts_are_what_services_say(name: str, tmp_path: Path, python_tools: Path) -> None:
    check(generate(in_language(combinations()[name], "python"), tmp_path), python_tools)


def test_contracts_of_the_marketplace(tmp_path: Path, python_tools: Path) -> None:
    check(generate(in_language(example("04-marketplace"), "python"), tmp_path), python_tools)


def test_who_has_no_api_has_no_contract(tmp_path: Path) -> None:
    root = generate_from(EXAMPLES / "03-worker/msgen.yaml", tmp_path)
    assert not (root / "contracts/openapi").exists()
