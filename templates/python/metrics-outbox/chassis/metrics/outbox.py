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

WAITING = Gauge("outbox_messages", "Messages to be published")
OLDEST = Gauge("outbox_oldest_message_age_seconds", "Age of the oldest message to be published")
PARKED = Gauge("outbox_parked_messages", "Messages that the broker refused too often")


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    return recurring("outbox measurement", INTERVAL_SECONDS, measure)


async def measure() -> None:
    waits = OutboxMessage.parked_at.is_(None)
    oldest_waiting = func.min(OutboxMessage.created_at).filter(waits)
    query = select(func.count(), func.count().filter(waits), oldest_waiting)
    async with new_session() as session:
        total, waiting, oldest = (await session.execute(query)).one()
    now = datetime.now(UTC)
    WAITING.set(waiting)
    PARKED.set(total - waiting)
    OLDEST.set((now - (oldest or now)).total_seconds())
