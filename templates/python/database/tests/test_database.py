import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.database import SessionDep, create_engine, sessions
from chassis.settings import get_settings


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


async def test_answers_503_while_the_database_is_away(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody:secret@127.0.0.1:9/no?sslmode=require")
    get_settings.cache_clear()
    sessions.configure(bind=create_engine())

    response = await client.post("/notes")
    dependencies = await client.get("/health/dependencies")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "secret" not in response.text
    assert (await client.get("/health/ready")).status_code == 200
    assert dependencies.status_code == 503
    assert dependencies.json()["checks"]["database"] == "unavailable"


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


@pytest.mark.parametrize(
    ("sqlstate", "status", "words"),
    [
        ("23502", 422, "must have a value"),
        ("23503", 422, "refers to something that is not there"),
        ("23505", 409, "Taken already"),
        ("23514", 422, "not allowed"),
        ("23P01", 409, "conflicts with something"),
        ("23999", 500, "Something went wrong"),
    ],
)
async def test_each_constraint_has_its_own_answer(
    client: AsyncClient, application: FastAPI, sqlstate: str, status: int, words: str
) -> None:
    @application.post("/fails")
    async def fails(_session: SessionDep) -> None:
        raise IntegrityError("insert", {}, Orig(sqlstate))

    response = await client.post("/fails")

    assert response.status_code == status
    assert words in response.text


@pytest.mark.parametrize("error", [FileNotFoundError("a.txt"), TimeoutError()])
async def test_other_errors_are_not_the_database_s(
    client: AsyncClient, application: FastAPI, error: Exception
) -> None:
    @application.get("/fails")
    async def fails(_session: SessionDep) -> None:
        raise error

    assert (await client.get("/fails")).status_code == 500
