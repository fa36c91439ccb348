import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from chassis import broker, outbox
from chassis.correlation import correlation_id
from chassis.database import sessions
from chassis.events import Message
from tests.rabbitmq import Server, until


class Noted(Message):
    TYPE = "note.noted"
    EXCHANGE = "events"

    number: int


@pytest.fixture
async def relay(rabbitmq: Server) -> AsyncIterator[Server]:
    """The broker, to which the relay publishes."""
    async with broker.lifespan(), outbox.lifespan():
        yield rabbitmq


async def note(*numbers: int) -> None:
    async with sessions.begin() as session:
        for number in numbers:
            outbox.publish(session, Noted(number=number))


def published(rabbitmq: Server) -> list[int]:
    return [json.loads(body)["data"]["number"] for _, body in rabbitmq.published]


async def waiting() -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(outbox.OutboxMessage)) or 0


async def test_messages_are_published_in_order_and_deleted(relay: Server) -> None:
    await note(*range(250))
    await until(lambda: len(relay.published) == 250)
    assert published(relay) == list(range(250))
    async with asyncio.timeout(5):
        while await waiting():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.01)


async def test_what_is_rolled_back_is_not_published(relay: Server) -> None:
    async with sessions() as session:
        outbox.publish(session, Noted(number=1))
        await session.flush()
        await session.rollback()
    await note(2)
    await until(lambda: relay.published)
    assert published(relay) == [2]


async def test_a_commit_wakes_the_relay(relay: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 60)
    await note(1)
    await until(lambda: len(relay.published) == 1)
    await note(2)
    await until(lambda: len(relay.published) == 2)


async def test_messages_outlast_an_outage_of_the_broker(relay: Server) -> None:
    await relay.stop()
    await note(1, 2)
    assert await waiting() == 2
    relay.start()
    await until(lambda: len(relay.published) == 2)
    assert published(relay) == [1, 2]


async def test_messages_of_before_a_crash_are_published(rabbitmq: Server) -> None:
    await note(1)
    async with broker.lifespan(), outbox.lifespan():
        await until(lambda: rabbitmq.published)


async def test_a_message_carries_the_correlation_id_of_its_cause(relay: Server) -> None:
    correlation_id.set("the-cause")
    await note(1)
    await until(lambda: relay.published)
    routing_key, body = relay.published[0]
    content = json.loads(body)
    assert routing_key == content["type"] == "note.noted"
    assert content["correlationid"] == "the-cause"
    assert content["specversion"] == "1.0"
