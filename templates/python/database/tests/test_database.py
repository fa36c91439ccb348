import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import SessionDep, sessions


@pytest.fixture(autouse=True)
def table(application: FastAPI) -> None:
    @application.post("/notes")
    async def note(session: SessionDep, *, fail: bool = False) -> None:
        await session.execute(text("create table if not exists notes (note text)"))
        await session.execute(text("insert into notes values ('hello')"))
        if fail:
            raise RuntimeError


async def count() -> int:
    async with sessions() as session:
        return int(await session.scalar(text("select count(*) from notes")) or 0)


async def test_is_committed_before_the_answer(client: AsyncClient) -> None:
    assert (await client.post("/notes")).status_code == 200

    assert await count() == 1


async def test_is_undone_by_an_error(client: AsyncClient) -> None:
    await client.post("/notes")

    assert (await client.post("/notes?fail=true")).status_code == 500

    assert await count() == 1


async def test_answers_503_while_the_database_is_away(client: AsyncClient) -> None:
    engine = create_async_engine("postgresql+asyncpg://nobody:secret@127.0.0.1:9/nothing")
    sessions.configure(bind=engine)

    response = await client.post("/notes")
    ready = await client.get("/health/ready")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "secret" not in response.text
    assert ready.status_code == 503
    assert ready.json()["checks"]["database"] == "unavailable"


class Orig(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__()
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "status"),
    [
        ("40P01", 503),  # deadlock
        ("53300", 503),  # too many connections
        ("57P01", 503),  # administrator's shutdown
        ("42703", 500),  # no such column
    ],
)
async def test_tells_what_passes_from_what_does_not(
    client: AsyncClient, application: FastAPI, sqlstate: str, status: int
) -> None:
    @application.get("/fails")
    async def fails(_session: SessionDep) -> None:
        raise DBAPIError("select", {}, Orig(sqlstate))

    assert (await client.get("/fails")).status_code == status
