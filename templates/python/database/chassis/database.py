"""The service's database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import asyncpg  # type: ignore[import-untyped]
from fastapi import Depends
from sqlalchemy import (
    DateTime,
    Dialect,
    ExceptionContext,
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
from chassis.problems import FieldError, Problem
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

SQLITE = {
    "SQLITE_CONSTRAINT_NOTNULL": "23502",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "23503",
    "SQLITE_CONSTRAINT_UNIQUE": "23505",
    "SQLITE_CONSTRAINT_CHECK": "23514",
}
"""What PostgreSQL calls the errors of the database of tests."""

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, operator intervention.
PASSING = ("08", "40", "53", "57")


class AwayError(Exception):
    """The database does not answer."""


def _check_open(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Has a connection replaced that was lost, without asking the database each time."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def create_engine(statement_seconds: float | None = 10) -> AsyncEngine:
    """`statement_seconds`: how long a statement may take; None for as long as it needs."""
    url = str(get_settings().database_url.get_secret_value())
    if url.startswith("sqlite"):
        return create_async_engine(
            make_url(url).set(drivername="sqlite+aiosqlite"), poolclass=NullPool
        )

    async def connect() -> Any:  # noqa: ANN401 - asyncpg has no types
        # asyncpg reads the URL itself: it knows `postgres://`, `sslmode` and the like.
        try:
            return await asyncpg.connect(
                url,
                timeout=5,
                command_timeout=statement_seconds,
                server_settings={"application_name": SERVICE},
            )
        except (OSError, TimeoutError) as error:
            raise AwayError(repr(error)) from error

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=5,
    )
    event.listen(engine.sync_engine, "checkout", _check_open)
    event.listen(engine.sync_engine, "handle_error", _recognize)
    return engine


def _recognize(context: ExceptionContext) -> BaseException | None:
    """Names errors of the connection; the driver raises those of the operating system."""
    error = context.original_exception
    return AwayError(repr(error)) if isinstance(error, OSError | TimeoutError) else None


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
def _problems() -> Iterator[None]:
    """Turns errors of the database into problems, and no others."""
    try:
        yield
    except (PoolTimeoutError, AwayError) as error:
        raise unavailable() from error
    except IntegrityError as error:
        raise refused(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or sqlstate(error).startswith(PASSING):
            raise unavailable() from error
        raise


async def request_session() -> AsyncIterator[AsyncSession]:
    """A request's transaction: committed before the response is sent, undone by any error."""
    with _problems():
        async with sessions.begin() as session:
            yield session


async def reading_session() -> AsyncIterator[AsyncSession]:
    """A session for a request that changes nothing, without the cost of a transaction."""
    with _problems():
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
    name = getattr(error.orig, "sqlite_errorname", "")
    return str(getattr(error.orig, "sqlstate", None) or SQLITE.get(name, ""))


def unavailable() -> Problem:
    return Problem(503, "The database is not available.", headers={"Retry-After": "5"})


def refused(error: IntegrityError) -> Exception:
    """The answer to a statement that breaks a constraint, or the error if that is unknown."""
    name, column = (_diagnosis(error, part) for part in ("constraint_name", "column_name"))
    match sqlstate(error):
        case "23502":
            missing = FieldError(field=f"body.{column}", message="must have a value")
            return Problem(422, "The request is not valid.", errors=[missing])
        case "23503":
            return Problem(422, "It refers to something that is not there.")
        case "23505":
            return Problem(409, f"Taken already: {name}.")
        case "23514":
            return Problem(422, f"A value is not allowed: {name}.")
        case "23P01":
            return Problem(409, f"It conflicts with something that is there: {name}.")
        case _:
            return error


def _diagnosis(error: IntegrityError, part: str) -> str:
    """What PostgreSQL says of an error, such as the name of the constraint."""
    return str(getattr(getattr(error.orig, "__cause__", None), part, None) or "a constraint")
