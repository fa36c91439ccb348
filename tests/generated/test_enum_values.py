"""Values of enums are what real systems have, in every place that they are written to."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import Msgen

VALUES = [
    "EUR", "In Progress", "3XX", 'say "hi"', "it's", "both ' and \"", "back\\slash", "€ 5", "😀", "{{ x }}", "${y}",
    "#1", "a: b", "100 %", "<b>", "null", "-",
]  # fmt: skip


@pytest.fixture
def system(msgen: Msgen, tmp_path: Path) -> Path:
    fields = {"one": {"enum": VALUES, "default": "it's"}, "two": {"enum": VALUES[3:4], "optional": True}}
    services = {
        language: {
            "language": language,
            "resources": {f"{language}_order": fields},
            "sends": [f"to-{language}"],
            "consumes": [f"to-{other}"],
            "publishes": [f"{language}-order.created"],
        }
        for language, other in (("python", "node"), ("node", "python"))
    }
    queues = {f"to-{language}": {"one": {"enum": VALUES}} for language in services}
    data = {"msgen": 1, "name": "shop", "queues": queues, "services": services}
    (tmp_path / "shop.yaml").write_text(json.dumps(data, ensure_ascii=False))
    made = msgen("new", "--description", "shop.yaml", "--no-git")
    assert made.code == 0, made.err
    return tmp_path / "shop"


def test_python_reads_each_value_as_it_was_written(system: Path) -> None:
    found = {}
    for file in (system / "services/python").rglob("*.py"):
        constants = {n.value for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Constant)}
        if "In Progress" in constants:
            found[file.name] = set(VALUES) - constants
    assert {"python_order.py", "messages.py"} <= found.keys()
    assert not any(found.values())
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--diff", "."], cwd=system / "services/python",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def test_node_reads_each_value_as_it_was_written(system: Path) -> None:
    """Literals of these values mean the same in Python."""
    pattern = re.compile(r"\[\s*(['\"](?:EUR|say).*?['\"],?)\s*\]", re.DOTALL)
    lists = [
        (file.name, ast.literal_eval(f"[{found[1]}]"))
        for file in (system / "services/node").rglob("*.ts")
        for found in pattern.finditer(file.read_text())
    ]
    assert {"node-order.ts", "messages.ts"} <= {name for name, _ in lists}
    assert all(values in (VALUES, VALUES[3:4]) for _, values in lists), lists


def test_contracts_hold_each_value_as_it_was_written(system: Path) -> None:
    message = json.loads((system / "contracts/messages/to-node.json").read_text())
    assert VALUES in list(enums(message))
    for language in ("python", "node"):
        text = (system / f"contracts/openapi/{language}.yaml").read_text()
        assert VALUES in list(enums(yaml.load(text, yaml.CSafeLoader)))


def enums(part: object) -> list[object]:
    if isinstance(part, dict):
        own = [part["enum"]] if isinstance(part.get("enum"), list) else []
        return [*own, *(found for value in part.values() for found in enums(value))]
    return [found for value in part for found in enums(value)] if isinstance(part, list) else []
