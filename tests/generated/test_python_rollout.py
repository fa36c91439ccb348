"""Old and new versions of a Python service run side by side, as in every rolling update."""

import json
import sys
from pathlib import Path
from shutil import copytree

from .conftest import generate
from .test_combinations import check
from .test_node_additions import run

FIELDS = {"total": "decimal", "status": {"enum": ["open", "paid"], "default": "open"}}
ADDED = {
    "priority": {"enum": ["low", "high"], "default": "low"},
    "note": {"type": "string", "default": "-"},
    "pages": {"type": "integer", "default": 0},
    "gift": {"type": "boolean", "default": False},
}
OLD = """
import asyncio
from app.main import create_app
from app.messages import OrderCreated
from app.resources.order import OrderRow
from chassis.database import sessions
from chassis.events import envelope


async def main() -> None:
    app = create_app()
    async with app.router.lifespan_context(app):
        async with sessions().begin() as session:
            row = OrderRow(total=1, status="open")
            session.add(row)
            await session.flush()
            print(envelope(OrderCreated.model_validate(row)).to_json())


asyncio.run(main())
"""
NEW = """
import os
import subprocess
import sys

from httpx import AsyncClient

from app.messages import OrderCreated
from chassis.events import Event, reader


async def test_an_older_version_writes_and_publishes(client: AsyncClient) -> None:
    old = [sys.executable, "-c", OLD]
    done = subprocess.run(old, cwd="../../../old", capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr

    event = reader(Event[OrderCreated]).model_validate_json(done.stdout.splitlines()[-1])
    assert event.data.status == "open"
    [order] = (await client.get("/orders")).json()["items"]
    assert {name: order[name] for name in ADDED} == ADDED
"""


def described(fields: dict[str, object]) -> dict[str, object]:
    orders = {"publishes": ["order.created"], "resources": {"order": fields}}
    return {"msgen": 1, "name": "made", "services": {"orders": orders}}


def test_an_old_version_works_with_the_new_schema_and_its_messages_are_read(tmp_path: Path, python_tools: Path) -> None:
    root = generate(described(FIELDS), tmp_path)
    copytree(root / "services/orders", tmp_path / "old")
    (root / "msgen.yaml").write_text(json.dumps(described(FIELDS | ADDED)))
    run(root, sys.executable, "-m", "msgen", "apply")
    service = root / "services/orders"
    defaults = {name: spec["default"] for name, spec in ADDED.items()}
    (service / "tests/test_rollout.py").write_text(f"OLD = {OLD!r}\nADDED = {defaults!r}\n{NEW}")

    check(service, python_tools / "pytest", "-q", "tests/test_rollout.py", "chassis/testing")
