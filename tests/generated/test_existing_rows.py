"""Rows that exist before a required column is added or a column is renamed can be read afterwards."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import generate
from .nodejs import NodeTools
from .postgres import Postgres, postgres
from .test_node import node_tools

__all__ = ["node_tools", "postgres"]

ADDED: dict[str, Any] = {
    "title": {"type": "string", "unique": True},
    "least": {"type": "integer", "min": 5},
    "most": {"type": "number", "max": -1.5},
    "price": {"type": "decimal", "min": 0.25},
    "done": "boolean",
    "data": "json",
    "remark": "text",
    "label": {"type": "string", "min": 3, "backfill": "it's :old"},
    "state": {"enum": ["new", "In use"], "backfill": "In use"},
    "email": {"type": "email", "backfill": "ann@example.com"},
    "due": {"type": "date", "backfill": "2025-12-31"},
    "at": {"type": "datetime", "backfill": "2025-12-31T12:00:00Z"},
    "open": {"type": "boolean", "default": True},
    "size": {"type": "integer", "backfill": 3},
    "tags": ["string"],
    "codes": ["integer"],
}
EXPECTED = {
    "title": "old",
    "least": 5,
    "most": -1.5,
    "price": "0.25",
    "done": False,
    "data": {},
    "remark": "",
    "label": "it's :old",
    "state": "In use",
    "email": "ann@example.com",
    "due": "2025-12-31",
    "open": True,
    "size": 3,
    "tags": [],
    "codes": [],
}
PYTHON = """
import asyncio, os, sys
from chassis.testing.plugin import ENVIRONMENT
os.environ.update(ENVIRONMENT, DATABASE_URL=sys.argv[1])
from alembic import command
from httpx import ASGITransport, AsyncClient
from app.main import create_app
from chassis.testing.database import ALEMBIC

async def read():
    app = create_app()
    transport = ASGITransport(app)
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get("/orders")

command.upgrade(ALEMBIC, "heads")
response = asyncio.run(read())
print(response.status_code, response.text)
"""
NODE = """
process.env.DATABASE_URL = process.argv[1];
await import("./chassis/migrate.ts");
const { createApp } = await import("./src/main.ts");
const app = createApp();
const server = app.express.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const response = await fetch(`http://127.0.0.1:${server.address().port}/orders`);
console.log(response.status, await response.text());
process.exit();
"""


def description(language: str, fields: dict[str, Any]) -> dict[str, Any]:
    resource = {"resources": {"order": fields}}
    return {"msgen": 1, "name": "made", "defaults": {"language": language}, "services": {"orders": resource}}


@pytest.mark.parametrize("language", ["python", "node"])
def test_reads_rows_from_before_a_change(
    language: str, tmp_path: Path, python_tools: Path, node_tools: NodeTools, postgres: Postgres
) -> None:
    root = generate(description(language, {"name": {"unique": True}, "size": "integer?", "codes": "string?"}), tmp_path)
    (root / "node_modules").symlink_to(node_tools.modules)
    node = ["node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", NODE]
    command = node if language == "node" else [python_tools / "python", "-c", PYTHON]

    def migrate_and_read(url: str) -> Any:
        options: dict[str, Any] = {"cwd": root / "services/orders", "env": node_tools.environment}
        done = subprocess.run([*command, url], capture_output=True, text=True, **options)
        assert done.returncode == 0, done.stderr
        status, _, body = done.stdout.strip().splitlines()[-1].partition(" ")
        assert status == "200", body
        return json.loads(body)["items"]

    with postgres.database() as database:
        assert migrate_and_read(postgres.url(database)) == []
        columns = "id, version, created_at, updated_at, name"
        postgres.sql(database, f"insert into orders ({columns}) values (gen_random_uuid(), 1, now(), now(), 'old')")
        (root / "msgen.yaml").write_text(json.dumps(description(language, ADDED)))
        apply = [sys.executable, "-m", "msgen", "apply", "--renamed", "orders.order.name=title", "--allow-destructive"]
        applied = subprocess.run(apply, cwd=root, capture_output=True, text=True)
        assert applied.returncode == 0, applied.stderr
        [row] = migrate_and_read(postgres.url(database))

    assert {name: row[name] for name in EXPECTED} == EXPECTED
    assert row["at"].startswith("2025-12-31T12:00:00")
