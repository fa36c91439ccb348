import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.exceptions import DeliveryError
from fastapi import FastAPI
from pamqp.commands import Basic
from sqlalchemy import func, select
from structlog.testing import capture_logs

from app.resources.order import OrderRow
from chassis import broker, database, outbox
from chassis.context import Actor, actor
from chassis.correlation import correlation_id
from chassis.database import new_session, sessions
from chassis.events import Message
from chassis.testing.rabbitmq import Exchange, Server, until


class Noted(Message):
    TYPE = "note.noted"
    EXCHANGE = "events"

    number: int


@pytest.fixture
async def relay(rabbitmq: Server, app: FastAPI) -> AsyncIterator[Server]:
    """The broker that the relay publishes to."""
    async with database.lifespan(app), broker.lifespan(app), outbox.lifespan(app):
        yield rabbitmq


class Spoken(Noted):
    TYPE = "note.spoken"


async def note(*numbers: int, kind: type[Noted] = Noted) -> None:
    async with sessions().begin() as session:
        for number in numbers:
            outbox.publish(session, kind(number=number))


def published(rabbitmq: Server) -> list[int]:
    return [json.loads(body)["data"]["number"] for _, body in rabbitmq.published]


async def rows() -> Sequence[outbox.OutboxMessage]:
    async with new_session() as session:
        return (await session.scalars(select(outbox.OutboxMessage))).all()


async def test_messages_are_published_in_order_and_deleted(relay: Server) -> None:
    await note(*range(250))
    await until(lambda: len(relay.published) == 250)
    assert published(relay) == list(range(250))
    async with asyncio.timeout(5):
        while await rows():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.01)


async def test_what_is_rolled_back_is_not_published(relay: Server) -> None:
    async with new_session() as session:
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
    assert len(await rows()) == 2
    relay.start()
    await until(lambda: len(relay.published) == 2)
    assert published(relay) == [1, 2]


async def test_messages_of_before_a_crash_are_published(rabbitmq: Server, app: FastAPI) -> None:
    async with database.lifespan(app):
        app.state.outbox_wake = asyncio.Event()
        await note(1)
        async with broker.lifespan(app), outbox.lifespan(app):
            await until(lambda: rabbitmq.published)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Numbers of the messages that the broker refuses; the relay retries at once."""
    numbers: set[int] = set()
    publish = Exchange.publish

    async def publish_some(
        self: Exchange, message: aio_pika.Message, key: str, *, mandatory: bool
    ) -> None:
        if json.loads(message.body)["data"]["number"] in numbers:
            raise DeliveryError(None, Basic.Nack())
        await publish(self, message, key, mandatory=mandatory)

    monkeypatch.setattr(Exchange, "publish", publish_some)
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(outbox, "FIRST_PAUSE_SECONDS", 0.001)
    return numbers


async def test_a_refused_message_holds_back_its_aggregate_only(
    relay: Server, refused: set[int]
) -> None:
    refused.add(1)
    await note(1, 2, kind=Noted)
    await note(3, kind=Spoken)
    await until(lambda: relay.published)
    await asyncio.sleep(0.05)
    assert published(relay) == [3]

    refused.clear()
    await until(lambda: len(relay.published) == 3)
    assert published(relay) == [3, 1, 2]


async def test_a_message_is_parked_after_its_attempts(
    relay: Server, refused: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "ATTEMPTS", 3)
    refused.add(1)

    with capture_logs() as logs:
        await note(1, 2)
        async with asyncio.timeout(5):
            while (left := await rows())[1:] or not left[0].parked_at:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    assert published(relay) == [2]
    [row] = left
    assert row.attempts == 3
    assert row.last_error
    assert "Basic.Nack" in row.last_error
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["message parked"]


async def test_an_outage_of_the_broker_costs_no_attempt(relay: Server) -> None:
    await relay.stop()
    await note(1)
    await asyncio.sleep(0.3)
    assert [row.attempts for row in await rows()] == [0]


async def test_one_relay_publishes_at_a_time(
    relay: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 0.01)
    async with sessions().begin() as other:
        await other.execute(select(func.pg_advisory_xact_lock(2_718_281_828)))
        await note(1)
        await asyncio.sleep(0.1)
        assert relay.published == []
    await until(lambda: relay.published)


async def test_every_write_of_a_row_is_announced(relay: Server) -> None:
    async with sessions().begin() as session:
        row = OrderRow(item_id=uuid4(), total=Decimal(1))
        session.add(row)
    async with sessions().begin() as session:
        row = await session.get_one(OrderRow, row.id)
        row.total = Decimal(1)
    async with sessions().begin() as session:
        row = await session.get_one(OrderRow, row.id)
        row.total = Decimal(2)
        await session.flush()
        await session.delete(row)

    await until(lambda: len(relay.published) == 3)
    events = [json.loads(body) for _, body in relay.published]
    assert [e["type"] for e in events] == ["order.created", "order.updated", "order.deleted"]
    assert [e["data"].get("total") for e in events[:2]] == ["1", "2"]
    assert {e["subject"] for e in events} == {f"order/{row.id}"}


async def test_a_message_carries_its_cause(relay: Server) -> None:
    correlation_id.set("the-cause")
    actor.set(Actor("app_user", "ann"))
    await note(1)
    await until(lambda: relay.published)
    routing_key, body = relay.published[0]
    content = json.loads(body)
    assert routing_key == content["type"] == "note.noted"
    assert content["correlationid"] == "the-cause"
    assert (content["authtype"], content["authid"]) == ("app_user", "ann")
    assert content["specversion"] == "1.0"
