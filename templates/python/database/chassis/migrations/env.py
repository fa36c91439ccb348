"""Run migrations: `alembic upgrade heads`."""

import asyncio

import structlog
from alembic import context
from sqlalchemy import Connection, text

import app.main  # defines all tables
from chassis.database import Base, create_engine
from chassis.logs import configure_logs
from chassis.settings import get_settings

LOCK = 3141592653
"""Advisory lock that lets one process migrate at a time, also behind a connection pooler."""
LOCK_TIMEOUT = "5s"
"""A migration that waits for a lock on a table makes all later queries of the table wait."""

log = structlog.get_logger()


def is_newer() -> bool:
    """Return whether a later version of the service has migrated this database."""
    known = {script.revision for script in context.script.walk_revisions()}
    return not known.issuperset(context.get_context().get_current_heads())


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
        connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        if is_newer():
            log.warning("database migrated by a later version")
            return
        context.run_migrations()


async def run_online() -> None:
    engine = create_engine(statement_seconds=None)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await engine.dispose()


def run_offline() -> None:
    """Print the SQL: `alembic upgrade heads --sql`."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.config.cmd_opts:
    configure_logs(get_settings().log_level)
if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
