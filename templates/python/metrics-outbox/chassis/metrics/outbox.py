"""What waits in the outbox."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from prometheus_client import Gauge
from sqlalchemy import func, select

from chassis.database import sessions
from chassis.outbox import OutboxMessage
from chassis.recurring import recurring

INTERVAL_SECONDS = 5.0

WAITING = Gauge("outbox_messages", "Messages that wait to be published")
OLDEST = Gauge("outbox_oldest_message_age_seconds", "How long the oldest of them has waited")


def lifespan() -> AbstractAsyncContextManager[None]:
    return recurring("outbox measurement", INTERVAL_SECONDS, measure)


async def measure() -> None:
    query = select(func.count(), func.min(OutboxMessage.created_at))
    async with sessions() as session:
        waiting, oldest = (await session.execute(query)).one()
    now = datetime.now(UTC)
    WAITING.set(waiting)
    OLDEST.set((now - (oldest or now)).total_seconds())
