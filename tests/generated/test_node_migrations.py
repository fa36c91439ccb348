"""Migrations of Node.js services on a real PostgreSQL."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from .conftest import generate
from .postgres import Postgres, postgres
from .test_node import node_services, node_tools

__all__ = ["node_tools", "postgres"]

DESCRIPTION = {
    "msgen": 1,
    "name": "made",
    "defaults": {"language": "node", "database": "postgres"},
    "services": {"orders": {"publishes": ["order.created"], "resources": {"order": {"total": "decimal"}}}},
}
HELD = "select 1 from pg_locks where relation = 'locked'::regclass"
MIGRATE = """
process.env.DATABASE_URL = process.argv[1];
await import("./chassis/migrate.ts");
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, node_tools: Any) -> Path:
    return node_services(generate(DESCRIPTION, tmp_path_factory.mktemp("migrations")), node_tools)[0]


def migrate(service: Path, node_tools: Any, url: str) -> subprocess.Popen[str]:
    command = ["node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", MIGRATE, url]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=service, env=node_tools.environment, text=True, **streams)  # type: ignore[call-overload,no-any-return]


def test_processes_that_migrate_at_once_take_turns(service: Path, node_tools: Any, postgres: Postgres) -> None:
    with postgres.database() as database:
        processes = [migrate(service, node_tools, postgres.url(database)) for _ in range(3)]
        for process in processes:
            printed, _ = process.communicate()
            assert process.returncode == 0, printed
        applied = postgres.sql(database, "select name from migrations.applied order by id").split()
        assert applied == ["0001_create_orders", "0001_create_outbox", "0002_park_outbox_messages"]


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
