"""The service's database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from fastapi import Depends
from sqlalchemy import (
    URL,
    DateTime,
    Dialect,
    MetaData,
    NullPool,
    TypeDecorator,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from chassis import SERVICE
from chassis.problems import Problem
from chassis.settings import get_settings


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC, also where the database does not keep time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: UtcDateTime}
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


sessions = async_sessionmaker(expire_on_commit=False)
"""Makes sessions; bound to the database while the service runs."""

POOL_SIZE = 10
MAX_OVERFLOW = 0
"""Connections beyond those that are kept open: making one costs more than waiting for another."""

DRIVERS = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, operator intervention.
PASSING = ("08", "40", "53", "57")


def database_url() -> URL:
    url = make_url(str(get_settings().database_url.get_secret_value()))
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def _check_open(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Has a connection replaced that was lost, without asking the database each time."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def create_engine(statement_seconds: float | None = 10) -> AsyncEngine:
    """`statement_seconds`: how long a statement may take; None for as long as it needs."""
    url = database_url()
    if url.get_backend_name() == "sqlite":
        return create_async_engine(url, poolclass=NullPool)
    engine = create_async_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=5,
        connect_args={
            "timeout": 5,
            "command_timeout": statement_seconds,
            "server_settings": {"application_name": SERVICE},
        },
    )
    event.listen(engine.sync_engine, "checkout", _check_open)
    return engine


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    engine = create_engine()
    sessions.configure(bind=engine)
    try:
        yield
    finally:
        await engine.dispose()


async def check() -> None:
    async with sessions() as session:
        await session.execute(text("select 1"))


@contextmanager
def _outages() -> Iterator[None]:
    """Turns errors of a database that is away into problems."""
    try:
        yield
    except (OSError, PoolTimeoutError) as error:
        raise unavailable() from error
    except DBAPIError as error:
        if error.connection_invalidated or sqlstate(error).startswith(PASSING):
            raise unavailable() from error
        raise


async def request_session() -> AsyncIterator[AsyncSession]:
    """A request's transaction: committed before the response is sent, undone by any error."""
    with _outages():
        async with sessions.begin() as session:
            yield session


async def reading_session() -> AsyncIterator[AsyncSession]:
    """A session for a request that changes nothing, without the cost of a transaction."""
    with _outages():
        async with sessions() as session:
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session


transaction = asynccontextmanager(request_session)
"""The same, for a request that needs several, or that commits and then fails."""

# The scope "function" ends before the response is sent, "request" would end after it.
SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]
ReadingSessionDep = Annotated[AsyncSession, Depends(reading_session, scope="function")]


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's code of what went wrong, empty where there is none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


def unavailable() -> Problem:
    return Problem(503, "The database is not available.", headers={"Retry-After": "5"})


def violates_unique(error: IntegrityError) -> bool:
    """Whether a value that must be unique was there already."""
    names = (sqlstate(error), getattr(error.orig, "sqlite_errorname", ""))
    return "23505" in names or "SQLITE_CONSTRAINT_UNIQUE" in names
