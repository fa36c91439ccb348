import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aio_pika.abc import AbstractChannel

from chassis import broker
from chassis.context import current_app
from chassis.testing.rabbitmq import Server, until

pytestmark = pytest.mark.usefixtures("app")


@asynccontextmanager
async def started() -> AsyncIterator[None]:
    async with broker.lifespan(current_app.get()):
        await broker.wait_until_up()
        yield


@asynccontextmanager
async def links() -> AsyncIterator[None]:
    """An application that has no links yet."""
    current_app.get().state.broker_links = []
    yield


async def test_work_goes_to_the_queue_of_its_name(rabbitmq: Server) -> None:
    async with started():
        await broker.publish("queues", "work", b"{}", message_id="1")
        assert [m.body for m in rabbitmq.queues["work"].messages] == [b"{}"]


async def test_work_that_no_queue_takes_is_an_error(rabbitmq: Server) -> None:
    rabbitmq.missing.add("nowhere")
    async with started():
        with pytest.raises(broker.MessageRefusedError, match="NO_ROUTE"):
            await broker.publish("queues", "nowhere", b"{}", message_id="1")


async def test_a_message_that_is_too_large_is_refused() -> None:
    async with started():
        with pytest.raises(broker.MessageRefusedError, match="16777217 bytes"):
            await broker.publish("events", "large", b" " * (2**24 + 1), message_id="1")


async def test_an_event_that_nobody_listens_to_is_not() -> None:
    async with started():
        await broker.publish("events", "nobody.cares", b"{}", message_id="1")


async def test_a_service_starts_without_the_broker_and_finds_it_later(rabbitmq: Server) -> None:
    await rabbitmq.stop()
    async with broker.lifespan(current_app.get()):
        with pytest.raises(broker.BrokerUnavailableError):
            await broker.check()
        rabbitmq.start()
        await broker.wait_until_up()
        await broker.check()


async def test_publishing_without_a_broker_ends_in_bounded_time(
    rabbitmq: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "PUBLISH_SECONDS", 0.05)
    async with started():
        await rabbitmq.stop()
        with pytest.raises(broker.BrokerUnavailableError):
            await broker.publish("events", "too.late", b"{}", message_id="1")


async def test_a_link_is_set_up_again_after_its_queue_was_deleted() -> None:
    channels: list[AbstractChannel] = []

    async def set_up(channel: AbstractChannel) -> None:
        channels.append(channel)

    async with links(), broker.keep(link := broker.Link("test", set_up)):
        channel = await link.channel()
        underlay = await channel.get_underlay_channel()
        for cancelled in underlay.on_consumer_cancel_callbacks:
            cancelled(None)  # type: ignore[arg-type]
        await until(lambda: len(channels) > 1)


async def test_stopping_does_not_wait_for_a_broker_that_is_away(rabbitmq: Server) -> None:
    await rabbitmq.stop()
    async with asyncio.timeout(2), broker.lifespan(current_app.get()):
        pass
