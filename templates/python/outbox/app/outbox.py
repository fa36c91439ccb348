"""The transactional outbox: a message is a row of the transaction that it tells of.

So it is sent if, and only if, that transaction commits. The relay publishes rows in order and
deletes them once they are confirmed: after a crash a message may come twice, but it does come.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import BigInteger, Identity, Integer, String, Text, delete, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column
from tenacity import RetryCallState, retry, wait_random_exponential

from app import broker
from app.database import Base, sessions
from app.messages import Message, envelope

BATCH = 100
"""How many rows are published at once."""
IDLE_SECONDS = 1.0
"""How often the relay looks for rows that nothing woke it for, such as those of before a crash."""
MEASURE_SECONDS = 10.0

PUBLISHED = Counter("messages_published_total", "Messages that the broker confirmed", ["type"])
WAITING = Gauge("outbox_messages", "Messages that wait to be published")
OLDEST = Gauge("outbox_oldest_message_age_seconds", "How long the oldest of them has waited")

log = structlog.get_logger()
_wakers: set[asyncio.Event] = set()


class OutboxMessage(Base):
    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True
    )
    message_id: Mapped[UUID]
    exchange: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


def publish(session: AsyncSession, message: Message) -> None:
    """Has the message published when the session's transaction commits."""
    content = envelope(message)
    row = OutboxMessage(
        message_id=content.id,
        exchange=message.EXCHANGE,
        type=message.TYPE,
        body=content.model_dump_json(),
        created_at=content.time,
    )
    session.add(row)
    session.info["outbox"] = True


@event.listens_for(Session, "after_commit")
def _on_commit(session: Session) -> None:
    if session.info.pop("outbox", False):
        for wake in _wakers:
            wake.set()


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    wake = asyncio.Event()
    _wakers.add(wake)
    tasks = [asyncio.create_task(_run(wake)), asyncio.create_task(_measure())]
    try:
        yield
    finally:
        _wakers.remove(wake)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _run(wake: asyncio.Event) -> None:
    while True:
        wake.clear()
        while await _relay():
            pass
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await wake.wait()


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    log.warning("outbox not relayed", error=repr(error), attempt=state.attempt_number)


@retry(wait=wait_random_exponential(0.2, max=5), before_sleep=_log_failure)
async def _relay() -> bool:
    """Publishes one batch; says whether there may be more."""
    await broker.wait_until_up()  # before there is a transaction that it would keep open
    async with sessions.begin() as session:
        oldest = select(OutboxMessage).order_by(OutboxMessage.position).limit(BATCH)
        rows = (await session.scalars(oldest.with_for_update(skip_locked=True))).all()
        # All at once on one channel: that keeps their order, and waits for confirmations but once.
        results = await asyncio.gather(*map(_publish, rows), return_exceptions=True)
        sent = [r.position for r, result in zip(rows, results, strict=True) if result is None]
        await session.execute(delete(OutboxMessage).where(OutboxMessage.position.in_(sent)))
    for result in results:
        if result is not None:
            raise result
    return len(rows) == BATCH


async def _publish(row: OutboxMessage) -> None:
    await broker.publish(row.exchange, row.type, row.body.encode(), message_id=str(row.message_id))
    PUBLISHED.labels(row.type).inc()


async def _measure() -> None:
    while True:
        with suppress(Exception):  # without the database there is nothing to measure
            async with sessions() as session:
                query = select(func.count(), func.min(OutboxMessage.created_at))
                waiting, oldest = (await session.execute(query)).one()
            now = datetime.now(UTC)
            WAITING.set(waiting)
            OLDEST.set((now - (oldest or now)).total_seconds())
        await asyncio.sleep(MEASURE_SECONDS)
