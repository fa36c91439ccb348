import asyncio
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from alembic import command

from chassis.testing.database import ALEMBIC, Server


def test_the_database_of_a_later_version_is_left_alone(postgres: Server, database: str) -> None:
    uri = postgres.uri(database)
    asyncio.run(execute(uri, "insert into alembic_version values ('later')"))

    command.upgrade(ALEMBIC, "heads")

    assert ("later",) in asyncio.run(execute(uri, "select version_num from alembic_version"))


async def execute(uri: str, statement: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(uri)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
