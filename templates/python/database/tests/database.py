"""The database of tests: SQLite, with foreign keys enforced as PostgreSQL does."""

from collections.abc import AsyncIterator
from sqlite3 import Connection

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Base, create_engine, sessions


@event.listens_for(Engine, "connect")
def _enforce_foreign_keys(connection: Connection, _record: object) -> None:
    connection.execute("pragma foreign_keys = on")


@pytest.fixture(autouse=True)
async def database(fresh: None) -> AsyncIterator[None]:  # noqa: ARG001
    """All tables, empty."""
    engine = create_engine()
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions.configure(bind=engine)
    yield
    await engine.dispose()


@pytest.fixture
async def session() -> AsyncIterator[AsyncSession]:
    """For what a test itself reads and writes."""
    async with sessions() as session:
        yield session
