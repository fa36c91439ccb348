import asyncio
from collections.abc import Callable
from typing import TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from chassis.database import Base, create_engine
from chassis.testing.database import ALEMBIC, Server

T = TypeVar("T")


def read(function: Callable[[Connection], T]) -> T:
    async def connect() -> T:
        engine = create_engine()
        async with engine.connect() as connection:
            found = await connection.run_sync(function)
            await connection.commit()
        await engine.dispose()
        return found

    return asyncio.run(connect())


def test_migrations_match_the_models() -> None:
    differences = read(lambda c: compare_metadata(MigrationContext.configure(c), Base.metadata))

    assert differences == [], "write the missing migration: make migration m='what changes'"


def test_migrations_create_the_checks_of_the_models(postgres: Server) -> None:
    """Alembic does not compare check constraints: compare with tables made from the models."""
    migrated = read(checks)
    with postgres.database():
        read(Base.metadata.create_all)
        expected = read(checks)

    assert migrated == expected, "create or drop the constraint in a migration"


def checks(connection: Connection) -> dict[str, dict[str | None, str]]:
    tables = inspect(connection)
    return {
        name: {c["name"]: c["sqltext"] for c in tables.get_check_constraints(name)}
        for name in Base.metadata.tables
    }


def test_migrations_can_be_undone() -> None:
    command.downgrade(ALEMBIC, "base")

    tables = read(lambda connection: inspect(connection).get_table_names())
    assert set(tables) <= {"alembic_version"}
