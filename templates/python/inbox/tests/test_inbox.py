from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import database, inbox
from chassis.dispatch import handle
from chassis.events import Event, Message, envelope
from chassis.inbox import InboxMessage


class Job(Message):
    TYPE = "job"
    EXCHANGE = "queues"


class Worker:
    def __init__(self) -> None:
        self.calls = 0
        self.failures = 0

    async def handle(self, _event: Event[Job], session: AsyncSession) -> None:
        """Its effect is a row of its own."""
        self.calls += 1
        await inbox.claim(session, "effect", uuid4())
        if self.failures:
            self.failures -= 1
            raise ValueError("not now")


async def rows(queue: str) -> int:
    async with database.sessions() as session:
        query = select(func.count()).select_from(InboxMessage).where(InboxMessage.queue == queue)
        return await session.scalar(query) or 0


async def test_a_message_that_comes_twice_takes_effect_once() -> None:
    worker, event = Worker(), envelope(Job())
    assert await handle("jobs", event, worker.handle)
    assert not await handle("jobs", event, worker.handle)
    assert worker.calls == await rows("effect") == 1


async def test_each_queue_has_its_own_view_of_a_message() -> None:
    worker, event = Worker(), envelope(Job())
    assert await handle("jobs", event, worker.handle)
    assert await handle("others", event, worker.handle)


async def test_a_handler_that_fails_leaves_nothing_behind() -> None:
    worker, event = Worker(), envelope(Job())
    worker.failures = 1
    with pytest.raises(ValueError, match="not now"):
        await handle("jobs", event, worker.handle)
    assert await rows("effect") == await rows("jobs") == 0
    assert await handle("jobs", event, worker.handle)
    assert await rows("effect") == await rows("jobs") == 1


async def test_while_the_database_is_away_a_message_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, event = Worker(), envelope(Job())
    worker.failures = 2
    outages = [OSError("connection refused"), OSError("connection refused")]

    async def check() -> None:
        if outages:
            raise outages.pop()

    monkeypatch.setattr(database, "check", check)
    assert await handle("jobs", event, worker.handle)
    assert worker.calls == 3
    assert await rows("effect") == 1


async def test_old_rows_are_deleted() -> None:
    for _ in range(2):
        await handle("jobs", envelope(Job()), Worker().handle)
    async with database.sessions.begin() as session:
        one = select(InboxMessage.message_id).where(InboxMessage.queue == "jobs").limit(1)
        old = datetime.now(UTC) - inbox.KEPT - timedelta(seconds=1)
        of_one = update(InboxMessage).where(InboxMessage.message_id.in_(one))
        await session.execute(of_one.values(handled_at=old))
    await inbox.prune()
    assert await rows("jobs") == 1
