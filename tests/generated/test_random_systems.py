"""Random systems pass every checker, and the migrations of both languages run."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from . import random_descriptions
from .conftest import generate
from .nodejs import NodeTools
from .postgres import Postgres, postgres
from .test_combinations import check_python, mypy
from .test_node import check_node, in_language, node_tools

__all__ = ["mypy", "node_tools", "postgres"]

PYTHON = """
import os, sys
from chassis.testing.plugin import ENVIRONMENT
os.environ.update(ENVIRONMENT, DATABASE_URL=sys.argv[1])
from alembic import command
from chassis.testing.database import ALEMBIC
command.upgrade(ALEMBIC, "heads")
"""
NODE = """
process.env.DATABASE_URL = process.argv[1];
await import("./chassis/migrate.ts");
"""


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 20))])
def test_random_systems(
    seed: int,
    tmp_path: Path,
    python_tools: Path,
    mypy: list[str | Path],
    node_tools: NodeTools,
    postgres: Postgres,
) -> None:
    description = random_descriptions.description(seed)
    root = generate(description, tmp_path)
    check_python(root, python_tools, mypy)
    check_node(root, node_tools)

    for language in ("python", "node"):
        (tmp_path / language).mkdir()
        root = generate(in_language(description, language), tmp_path / language)
        (root / "node_modules").symlink_to(node_tools.modules)
        for service in sorted(path.parent for path in root.glob("services/*/migrations")):
            with postgres.database() as database:
                migrate(service, postgres.url(database), python_tools, node_tools)


def migrate(service: Path, url: str, python_tools: Path, node_tools: NodeTools) -> None:
    node = ["node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", NODE, url]
    python: list[Any] = [python_tools / "python", "-c", PYTHON, url]
    command = node if (service / "package.json").exists() else python
    done = subprocess.run(command, cwd=service, env=node_tools.environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{service.name}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
