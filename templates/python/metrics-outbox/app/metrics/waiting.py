"""What waits in the outbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from prometheus_client import Gauge
from sqlalchemy import func, select

from app.database import sessions
from app.outbox import OutboxMessage

INTERVAL_SECONDS = 5.0

WAITING = Gauge("outbox_messages", "Messages that wait to be published")
OLDEST = Gauge("outbox_oldest_message_age_seconds", "How long the oldest of them has waited")


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    task = asyncio.create_task(_run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _run() -> None:
    while True:
        with suppress(Exception):  # without the database there is nothing to measure
            await measure()
        await asyncio.sleep(INTERVAL_SECONDS)


async def measure() -> None:
    query = select(func.count(), func.min(OutboxMessage.created_at))
    async with sessions() as session:
        waiting, oldest = (await session.execute(query)).one()
    now = datetime.now(UTC)
    WAITING.set(waiting)
    OLDEST.set((now - (oldest or now)).total_seconds())
