"""Metrics of the outbox."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from fastapi import FastAPI
from prometheus_client import Gauge
from sqlalchemy import func, select

from chassis.database import new_session
from chassis.outbox import OutboxMessage
from chassis.recurring import recurring

INTERVAL_SECONDS = 5.0

WAITING = Gauge("outbox_messages", "Messages that wait to be published")
OLDEST = Gauge("outbox_oldest_message_age_seconds", "How long the oldest of them has waited")


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    return recurring("outbox measurement", INTERVAL_SECONDS, measure)


async def measure() -> None:
    query = select(func.count(), func.min(OutboxMessage.created_at))
    async with new_session() as session:
        waiting, oldest = (await session.execute(query)).one()
    now = datetime.now(UTC)
    WAITING.set(waiting)
    OLDEST.set((now - (oldest or now)).total_seconds())
