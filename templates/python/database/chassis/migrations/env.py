"""Runs migrations: `alembic upgrade heads`."""

import asyncio

import structlog
from alembic import context
from sqlalchemy import Connection, text

import app.main  # defines all tables
from chassis.database import Base, create_engine
from chassis.logs import configure_logs
from chassis.settings import get_settings

# Two processes that migrate at once take turns.
LOCK = 3141592653


log = structlog.get_logger()


def is_newer() -> bool:
    """Return whether a later version of the service has migrated this database."""
    known = {script.revision for script in context.script.walk_revisions()}
    return not known.issuperset(context.get_context().get_current_heads())


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
        if is_newer():
            log.warning("the database is that of a later version")
            return
        context.run_migrations()


async def run_online() -> None:
    engine = create_engine(statement_seconds=None)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def run_offline() -> None:
    """Prints the SQL instead: `alembic upgrade heads --sql`."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.config.cmd_opts:
    configure_logs(get_settings().log_level)
if context.is_offline_mode():
    run_offline()
else:
    asyncio.run(run_online())
