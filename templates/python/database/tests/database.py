"""The database of tests: SQLite, with foreign keys enforced as PostgreSQL does."""

from collections.abc import AsyncIterator
from sqlite3 import Connection

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import database
from chassis.settings import get_settings


@event.listens_for(Engine, "connect")
def _set_up(connection: Connection, _record: object) -> None:
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = off")  # no test outlives a power cut


@pytest.fixture(autouse=True)
def tables(fresh: None) -> None:  # noqa: ARG001
    """All tables, empty, and sessions that reach them."""
    engine = create_engine(str(get_settings().database_url.get_secret_value()))
    database.Base.metadata.create_all(engine)
    engine.dispose()
    database.sessions.configure(bind=database.create_engine())


@pytest.fixture
async def session() -> AsyncIterator[AsyncSession]:
    """For what a test itself reads and writes."""
    async with database.sessions() as session:
        yield session
