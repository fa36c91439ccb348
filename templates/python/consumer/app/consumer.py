"""Takes messages from this service's queues. A message is acknowledged after its effect.

One that cannot be handled is tried again after a while, three times, and then put aside in the
queue's `.dead` queue, as is one that nobody here understands.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic
from uuid import uuid4

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from app import broker, lifecycle
from app.correlation import correlation_id
from app.handling import Handler, M, handle
from app.messages import Event, Message
from app.settings import get_settings

PREFETCH = 20
CONCURRENT = 10
"""How many messages are handled at once; the others of the prefetched ones wait their turn."""
ERROR_LENGTH = 500
CANCEL_SECONDS = 2

HANDLED = Counter(
    "messages_handled_total",
    "Messages taken from a queue: handled, duplicate, retried, dead or ignored",
    ["queue", "type", "outcome"],
)
DURATION = Histogram(
    "message_handling_duration_seconds",
    "Time that a message's handler took",
    ["queue", "type"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Route(Generic[M]):
    """What is done with messages of one type."""

    event: type[Event[M]]
    handler: Handler[M]


@dataclass(frozen=True)
class Subscription:
    """A queue of this service, and what is done with its messages, by their type."""

    queue: str
    exchange: str
    routing_keys: Sequence[str]
    routes: Mapping[str, Route[Any]]


@asynccontextmanager
async def consuming(subscriptions: Sequence[Subscription]) -> AsyncIterator[None]:
    """Handles messages meanwhile; in the end those in hand are finished."""
    consumer = _Consumer(subscriptions)
    with lifecycle.on_stop(consumer.take_no_more):
        async with broker.keep(consumer.link):
            try:
                yield
            finally:
                consumer.take_no_more()
                await consumer.finish()


class _Consumer:
    def __init__(self, subscriptions: Sequence[Subscription]) -> None:
        self.link = broker.Link("consumer", self._set_up)
        self._subscriptions = subscriptions
        self._consumers: list[tuple[AbstractQueue, str]] = []
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def _set_up(self, channel: AbstractChannel) -> None:
        self._consumers.clear()
        await broker.declare_exchanges(channel)
        await channel.set_qos(PREFETCH)
        for subscription in self._subscriptions:
            queue = await broker.declare_queue(
                channel, subscription.queue, subscription.exchange, *subscription.routing_keys
            )
            if not self._stopping:
                tag = await queue.consume(partial(self._receive, subscription))
                self._consumers.append((queue, tag))

    def take_no_more(self) -> None:
        """Has the broker send no more messages; what is in hand goes on."""
        self._stopping = True
        while self._consumers:
            queue, tag = self._consumers.pop()
            self._in_hand.add(asyncio.create_task(self._cancel(queue, tag)))

    async def _cancel(self, queue: AbstractQueue, tag: str) -> None:
        with suppress(Exception):  # a connection that is gone sends nothing either
            await queue.cancel(tag, timeout=CANCEL_SECONDS)

    async def finish(self) -> None:
        """Waits for what is in hand, as long as the process may. The broker keeps the rest."""
        left = lifecycle.seconds_left()
        seconds = get_settings().shutdown_seconds if left is None else left
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=seconds)

    async def _receive(self, subscription: Subscription, message: AbstractIncomingMessage) -> None:
        task = asyncio.ensure_future(self._take(subscription, message))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        await task

    async def _take(self, subscription: Subscription, message: AbstractIncomingMessage) -> None:
        async with self._slots:
            if self._stopping:
                return  # it goes back to its queue when the channel is closed
            try:
                with broker.broker_errors():
                    await _process(subscription, message)
                    await message.ack()
            except broker.BrokerUnavailableError as error:
                log.warning("message not acknowledged", queue=subscription.queue, error=str(error))
                with suppress(Exception):  # without a connection it goes back by itself
                    await message.nack(requeue=True)


async def _process(subscription: Subscription, message: AbstractIncomingMessage) -> None:
    """Has the message take effect, or moves it to where it belongs."""
    queue = subscription.queue
    try:
        kind = Event[Message].model_validate_json(message.body).type
        route = subscription.routes.get(kind)
        if route is None:
            # Left over from a subscription of an earlier version, or new to this one: not for us.
            HANDLED.labels(queue, "other", "ignored").inc()
            log.info("message ignored", queue=queue, type=kind, message_id=message.message_id)
            return
        event = route.event.model_validate_json(message.body)
    except ValidationError as error:
        HANDLED.labels(queue, "invalid", "dead").inc()
        await _put_aside(queue, message, error)
        return

    correlation_id.set(event.correlationid)
    known = {"queue": queue, "type": kind, "message_id": str(event.id)}
    start = perf_counter()
    try:
        is_new = await handle(queue, event, route.handler)
    except Exception as error:
        log.warning("handler failed", **known, exc_info=error)
        outcome = await _try_later(queue, message, error)
    else:
        outcome = "handled" if is_new else "duplicate"
    seconds = perf_counter() - start
    DURATION.labels(queue, kind).observe(seconds)
    HANDLED.labels(queue, kind, outcome).inc()
    log.info("message", **known, outcome=outcome, duration_ms=round(seconds * 1000, 1))


async def _try_later(queue: str, message: AbstractIncomingMessage, error: Exception) -> str:
    """Moves the message to where it waits for its next try, or aside; says which."""
    before = message.headers.get("x-attempt", 0)
    attempt = before + 1 if isinstance(before, int) else 1
    if attempt > len(broker.RETRY_SECONDS):
        await _put_aside(queue, message, error)
        return "dead"
    await _move(message, f"{queue}.retry.{attempt}", {"x-attempt": attempt})
    return "retried"


async def _put_aside(queue: str, message: AbstractIncomingMessage, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    log.error("message put aside", queue=f"{queue}.dead", message_id=message.message_id, error=text)
    await _move(message, f"{queue}.dead", {"x-error": text})


async def _move(message: AbstractIncomingMessage, queue: str, headers: dict[str, Any]) -> None:
    await broker.publish(
        "", queue, message.body, message_id=message.message_id or str(uuid4()), headers=headers
    )
