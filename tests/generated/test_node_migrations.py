"""Migrations of Node.js services on a real PostgreSQL."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from .conftest import generate
from .postgres import Postgres, postgres
from .test_node import node_services, node_tools, run

__all__ = ["node_tools", "postgres"]

DESCRIPTION = {
    "msgen": 1,
    "name": "made",
    "defaults": {"language": "node", "database": "postgres"},
    "services": {"orders": {"publishes": ["order.created"], "resources": {"order": {"total": "decimal"}}}},
}
CHANGED = json.loads(json.dumps(DESCRIPTION))
CHANGED["services"]["orders"]["resources"]["order"] |= {
    "size": {"type": "integer", "default": 5},
    "colour": {"enum": ["red", "blue"], "default": "red"},
    "paid": {"type": "boolean", "default": False},
    "due": {"type": "date", "default": "2030-01-31"},
    "price": {"type": "decimal", "default": "1.5"},
}
INSERT = """
process.env.DATABASE_URL = process.argv[1];
const { connectDatabase } = await import("./chassis/database.ts");
const { repository } = await import("./src/resources/order.ts");
const database = connectDatabase();
await repository.change(database, (tx) => repository.insert(tx, { total: "7" }));
const { items } = await repository.list(database, { limit: 9, offset: 0, sort: "created_at" });
console.log(JSON.stringify(items));
await database.close();
"""
HELD = "select 1 from pg_locks where relation = 'locked'::regclass"
NODE = ("node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e")
MIGRATE = """
process.env.DATABASE_URL = process.argv[1];
await import("./chassis/migrate.ts");
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, node_tools: Any) -> Path:
    return node_services(generate(DESCRIPTION, tmp_path_factory.mktemp("migrations")), node_tools)[0]


def script(service: Path, node_tools: Any, code: str, url: str) -> str:
    return run(service, node_tools, *NODE, code, url)


def migrate(service: Path, node_tools: Any, url: str) -> subprocess.Popen[str]:
    command = [*NODE, MIGRATE, url]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=service, env=node_tools.environment, text=True, **streams)  # type: ignore[call-overload,no-any-return]


def test_processes_that_migrate_at_once_take_turns(service: Path, node_tools: Any, postgres: Postgres) -> None:
    with postgres.database() as database:
        processes = [migrate(service, node_tools, postgres.url(database)) for _ in range(3)]
        for process in processes:
            printed, _ = process.communicate()
            assert process.returncode == 0, printed
        applied = postgres.sql(database, "select name from migrations.applied order by id").split()
        created = [f"0001_create_{table}" for table in ("idempotency_keys", "orders", "outbox")]
        assert applied == [*created, "0002_park_outbox_messages"]


def test_a_migration_gives_up_a_lock_and_changes_nothing(service: Path, node_tools: Any, postgres: Postgres) -> None:
    with postgres.database() as database:
        postgres.sql(database, "create table locked ()")
        migration = service / "migrations/9999_alter.sql"
        migration.write_text("ALTER TABLE locked ADD COLUMN a text;\n")
        with ThreadPoolExecutor() as holder:
            holder.submit(postgres.sql, database, "begin; lock table locked in access share mode; select pg_sleep(60)")
            while not postgres.sql(database, HELD).strip():
                sleep(0.05)
            process = migrate(service, node_tools, postgres.url(database))
            printed, _ = process.communicate()
            postgres.sql(database, "select pg_terminate_backend(pid) from pg_locks where relation = 'locked'::regclass")
        migration.unlink()
        assert process.returncode == 1
        assert "lock timeout" in printed
        assert postgres.sql(database, "select to_regclass('orders')").strip() == ""


def test_the_previous_version_works_with_required_columns_that_were_added(
    tmp_path: Path, node_tools: Any, postgres: Postgres
) -> None:
    root = generate(DESCRIPTION, tmp_path)
    [service] = node_services(root, node_tools)
    previous = root / "services/previous"
    shutil.copytree(service, previous)
    (root / "msgen.yaml").write_text(json.dumps(CHANGED))
    subprocess.run([sys.executable, "-m", "msgen", "apply"], cwd=root, check=True, stdin=subprocess.DEVNULL)
    with postgres.database() as database:
        url = postgres.url(database)
        script(previous, node_tools, MIGRATE, url)
        script(previous, node_tools, INSERT, url)
        script(service, node_tools, MIGRATE, url)
        script(previous, node_tools, INSERT, url)
        rows = json.loads(script(service, node_tools, INSERT, url).splitlines()[-1])
    added = [{name: row[name] for name in ("size", "colour", "paid", "due", "price")} for row in rows]
    assert added == [{"size": 5, "colour": "red", "paid": False, "due": "2030-01-31", "price": "1.5"}] * 3
    run(service, node_tools, "node", "--import", "./chassis/testing/setup.ts", "--test", "test/migrations.test.ts")


def test_long_names_of_constraints_do_not_collide(tmp_path: Path, node_tools: Any, postgres: Postgres) -> None:
    field = {"registration_number_of_authority": {"type": "string", "unique": True}}
    resources = {"customer_contract_address": field, "customer_delivery_address": field}
    description = {**DESCRIPTION, "services": {"customers": {"resources": resources}}}
    [service] = node_services(generate(description, tmp_path), node_tools)
    with postgres.database() as database:
        script(service, node_tools, MIGRATE, postgres.url(database))
        names = postgres.sql(
            database,
            "select conname from pg_constraint where conrelid::regclass::text like 'customer%' and contype = 'u'",
        ).split()
        assert len(names) == 2
        assert all(len(name) == 63 for name in names)
