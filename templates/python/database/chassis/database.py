"""The service's database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar

import asyncpg  # type: ignore[import-untyped]
from fastapi import Depends, FastAPI
from sqlalchemy import DateTime, ExceptionContext, MetaData, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.exc import StaleDataError

from chassis import SERVICE
from chassis.context import state
from chassis.problems import FieldError, Problem
from chassis.settings import get_settings


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True)}
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


POOL_SIZE = 10
MAX_OVERFLOW = 0
"""No connections beyond the pool: opening one costs more than waiting for another."""

# SQLSTATE classes: connection, transaction rollback (deadlock), resources, operator intervention.
TRANSIENT = ("08", "40", "53", "57")


class AwayError(Exception):
    """The database is unavailable."""


def _check_open(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Replace a lost connection, without a query at each checkout."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def create_engine(statement_seconds: float | None = 10) -> AsyncEngine:
    """Create the engine; `statement_seconds` limits each statement, None does not."""
    url = str(get_settings().database_url.get_secret_value())

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
    """Translate errors of the operating system, which the driver raises for its connection."""
    error = context.original_exception
    return AwayError(repr(error)) if isinstance(error, OSError | TimeoutError) else None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_engine()
    app.state.engine = engine
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    app.state.readers = async_sessionmaker(autocommit, expire_on_commit=False)
    try:
        yield
    finally:
        await engine.dispose()


def sessions() -> async_sessionmaker[AsyncSession]:
    """Return the application's session factory."""
    factory: async_sessionmaker[AsyncSession] = state().sessions
    return factory


def new_session() -> AsyncSession:
    return sessions()()


async def check() -> None:
    async with new_session() as session:
        await session.execute(text("select 1"))


@contextmanager
def _problems() -> Iterator[None]:
    """Turn errors of the database, and no others, into problems."""
    try:
        yield
    except (PoolTimeoutError, AwayError) as error:
        raise unavailable() from error
    except StaleDataError as error:
        raise conflict() from error
    except IntegrityError as error:
        raise refused(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or sqlstate(error).startswith(TRANSIENT):
            raise unavailable() from error
        raise


async def request_session() -> AsyncIterator[AsyncSession]:
    """Provide a request's transaction: committed before the response, rolled back by any error."""
    with _problems():
        async with sessions().begin() as session:
            yield session


async def reading_session() -> AsyncIterator[AsyncSession]:
    """Provide a session without a transaction, for a request that changes nothing."""
    with _problems():
        async with state().readers() as session:
            yield session


transaction = asynccontextmanager(request_session)
"""As a context manager, for a request with several transactions."""

# The scope "function" ends before the response is sent, "request" would end after it.
SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]
ReadingSessionDep = Annotated[AsyncSession, Depends(reading_session, scope="function")]


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's error code, or an empty string."""
    return str(getattr(error.orig, "sqlstate", None) or "")


def conflict() -> Problem:
    return Problem(409, "It was changed by somebody else at the same time.")


def unavailable() -> Problem:
    return Problem(503, "The database is not available.", headers={"Retry-After": "5"})


def refused(error: IntegrityError) -> Exception:
    """Return the problem for a violated constraint, or the error itself if it is unknown."""
    name, column = constraint_name(error), _diagnosis(error, "column_name")
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


def constraint_name(error: IntegrityError) -> str:
    return _diagnosis(error, "constraint_name")


def _diagnosis(error: IntegrityError, part: str) -> str:
    """Return a detail of PostgreSQL's error, such as the name of the constraint."""
    return str(getattr(getattr(error.orig, "__cause__", None), part, None) or "a constraint")
