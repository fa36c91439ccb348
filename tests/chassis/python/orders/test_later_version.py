import asyncio
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from alembic import command
from sqlalchemy.exc import DBAPIError

from chassis.testing.database import ALEMBIC, Server


def test_the_database_of_a_later_version_is_left_alone(postgres: Server, database: str) -> None:
    uri = postgres.uri(database)
    asyncio.run(execute(uri, "insert into alembic_version values ('later')"))

    command.upgrade(ALEMBIC, "heads")

    assert ("later",) in asyncio.run(execute(uri, "select version_num from alembic_version"))


def test_a_migration_gives_up_waiting_for_a_lock(postgres: Server, database: str) -> None:
    with asyncio.Runner() as runner:
        holder = runner.run(asyncpg.connect(postgres.uri(database)))
        runner.run(holder.execute("begin; lock table orders in access share mode"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            command.downgrade(ALEMBIC, "base")
        runner.run(holder.close())


async def execute(uri: str, statement: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(uri)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
