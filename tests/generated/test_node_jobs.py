"""Jobs of a Node.js service in several processes, with a real PostgreSQL server."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import generate, python_tools
from .nodejs import NodeTools
from .postgres import Postgres, postgres
from .test_node import node_services, node_tools

__all__ = ["node_tools", "postgres", "python_tools"]

DESCRIPTION = {
    "msgen": 1,
    "name": "made",
    "defaults": {"language": "node"},
    "services": {"orders": {"resources": {"order": {"total": "decimal"}}, "jobs": {"clean": "*/15 * * * *"}}},
}
REPLICA = """
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { connectDatabase } from "./chassis/database.ts";
import { runDue } from "./chassis/scheduler.ts";

const [ms, timeoutMs] = process.argv.slice(2).map(Number);
const database = connectDatabase();
async function run(tx, scheduled) {
  await tx.execute(sql`insert into runs values (${scheduled.toISOString()})`);
  console.log("begun");
  await delay(ms);
  await tx.execute(sql`insert into runs values (${scheduled.toISOString()})`);
}
const job = { name: "clean", cron: "*/15 * * * *", run, timeoutMs, catchUp: false, overlap: "skip" };
console.log("ready");
const [now] = await once(process.stdin, "data");
console.log(await runDue(database, job, new Date(now)));
await delay(500);
await database.close();
process.exit();
"""
BEFORE, NOON, LATER = (f"2100-01-01T{time}:00Z" for time in ("11:59", "12:00", "12:05"))


class Service:
    def __init__(self, root: Path, tools: NodeTools, server: Postgres, database: str) -> None:
        self._root, self._server, self._database = root, server, database
        self._environment = {**tools.environment, "DATABASE_URL": server.url(database), "LOG_LEVEL": "error"}
        (root / "replica.ts").write_text(REPLICA)
        subprocess.run(["node", "chassis/migrate.ts"], cwd=root, env=self._environment, check=True)
        self.sql("create table runs (at timestamptz)")
        with self.replica(0, 1000) as known:
            assert self.end(known, BEFORE) == ["undefined"]

    def sql(self, statement: str) -> list[str]:
        return self._server.sql(self._database, statement).split()

    @contextmanager
    def replica(self, ms: int, timeout: int = 60_000) -> Iterator[subprocess.Popen[str]]:
        command = ["node", "replica.ts", str(ms), str(timeout)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=self._root, env=self._environment, stdin=pipe, stdout=pipe, text=True) as p:
            assert p.stdout
            assert p.stdout.readline() == "ready\n"
            yield p
            p.kill()

    def end(self, process: subprocess.Popen[str], now: str) -> list[str]:
        """Let a replica run the job if it is due at a time; return what it prints, without its log."""
        lines = process.communicate(now)[0].splitlines()
        return [line for line in lines if not line.startswith("{")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, node_tools: NodeTools) -> Path:
    made = generate(DESCRIPTION, tmp_path_factory.mktemp("jobs"))
    return node_services(made, node_tools)[0]


@pytest.fixture
def service(root: Path, node_tools: NodeTools, postgres: Postgres) -> Iterator[Service]:
    with postgres.database() as database:
        yield Service(root, node_tools, postgres, database)


def test_one_of_three_processes_runs_a_job_and_another_one_that_of_a_killed_process(service: Service) -> None:
    with service.replica(60_000) as killed, service.replica(500) as second, service.replica(500) as third:
        assert killed.stdin
        assert killed.stdout
        killed.stdin.write(NOON)
        killed.stdin.flush()
        assert killed.stdout.readline() == "begun\n"
        assert service.end(second, LATER) == ["undefined"]
        killed.kill()
        killed.wait()
        assert service.sql("select count(*) from runs") == ["0"]
        assert service.end(third, LATER) == ["begun", "succeeded"]
    assert service.sql("select count(*), count(distinct at) from runs") == ["2|1"]


def test_a_run_that_ignores_its_time_out_changes_nothing(service: Service) -> None:
    with service.replica(700, 200) as slow:
        assert service.end(slow, NOON) == ["begun", "timed out"]
        assert slow.returncode == 0
    assert service.sql("select count(*) from runs") == ["0"]
    assert service.sql("select failed = finished from schedule") == ["t"]
