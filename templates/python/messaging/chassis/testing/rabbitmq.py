"""A RabbitMQ for tests, in memory: as much of it, and of its client, as the service uses.

A queue exists once it is used, and events reach the queue of this service's subscriptions.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Self

import aio_pika
import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError, DeliveryError
from pamqp.commands import Basic

from chassis import broker

RETRY_SECONDS = 0.01

Receive = Callable[["Delivery"], Awaitable[Any]]


@dataclass
class Delivery:
    """A message in a queue or delivered to a consumer."""

    body: bytes
    headers: dict[str, Any]
    message_id: str | None = None
    queue: "Queue | None" = None
    channel: "Channel | None" = None

    async def ack(self) -> None:
        self._settle()

    async def nack(self, *, requeue: bool) -> None:
        self._settle()
        if requeue and self.queue:
            self.queue.put(self)

    def _settle(self) -> None:
        if self.channel is None or self.channel.is_closed:
            raise ChannelInvalidStateError("closed")
        self.channel.unsettled.remove(self)
        if self.queue:
            self.queue.deliver()


@dataclass
class Queue:
    name: str
    server: "Server"
    messages: deque[Delivery] = field(default_factory=deque)
    consumers: dict[str, tuple["Channel", Receive]] = field(default_factory=dict)

    def put(self, message: Delivery) -> None:
        self.messages.append(message)
        if ".retry." in self.name:
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._expire, message)
        self.deliver()

    def _expire(self, message: Delivery) -> None:
        if message in self.messages:
            self.messages.remove(message)
            self.server.queue(self.name.partition(".retry.")[0]).put(message)

    def deliver(self) -> None:
        for channel, receive in self.consumers.values():
            while self.messages and len(channel.unsettled) < channel.prefetch:
                message = self.messages.popleft()
                message.queue, message.channel = self, channel
                channel.unsettled.append(message)
                channel.tasks.append(asyncio.ensure_future(receive(message)))


@dataclass
class QueueHandle:
    """A client's view of a queue through one of its channels."""

    queue: Queue
    channel: "Channel"

    async def consume(self, receive: Receive) -> str:
        tag = f"tag-{len(self.queue.consumers)}"
        self.queue.consumers[tag] = (self.channel, receive)
        self.queue.deliver()
        return tag

    async def cancel(self, tag: str, timeout: float) -> None:  # noqa: ARG002, ASYNC109
        self.queue.consumers.pop(tag, None)


@dataclass
class Exchange:
    name: str
    channel: "Channel"

    async def publish(
        self, message: aio_pika.Message, routing_key: str, *, mandatory: bool
    ) -> None:
        if self.channel.is_closed:
            raise ChannelInvalidStateError("closed")
        server = self.channel.server
        server.published.append((routing_key, message.body))
        queues = server.route(self.name, routing_key)
        if mandatory and not queues:
            raise DeliveryError(None, Basic.Return(312, "NO_ROUTE", self.name, routing_key))
        for queue in queues:
            queue.put(Delivery(message.body, dict(message.headers), message.message_id))


class Channel:
    def __init__(self, server: "Server") -> None:
        self.server = server
        self.prefetch = 1000
        self.is_closed = False
        self.unsettled: list[Delivery] = []
        self.tasks: list[asyncio.Future[Any]] = []
        self.close_callbacks: set[Callable[..., None]] = set()
        self.on_consumer_cancel_callbacks: set[Callable[..., None]] = set()

    def __await__(self) -> Generator[Any, None, Self]:
        yield from asyncio.sleep(0).__await__()
        return self

    async def __aenter__(self) -> Self:
        if not self.server.running:
            raise AMQPConnectionError
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.is_closed = True
        for queue in self.server.queues.values():
            mine = [tag for tag, (channel, _) in queue.consumers.items() if channel is self]
            for tag in mine:
                del queue.consumers[tag]
        for task in self.tasks:
            task.cancel()
        for message in self.unsettled:
            if message.queue:
                message.queue.put(message)
        self.unsettled.clear()
        for callback in self.close_callbacks:
            callback()

    async def get_underlay_channel(self) -> Self:
        return self

    async def set_qos(self, prefetch_count: int) -> None:
        self.prefetch = prefetch_count

    async def get_exchange(self, name: str, *, ensure: bool = True) -> Exchange:  # noqa: ARG002
        return Exchange(name, self)

    async def get_queue(self, name: str) -> QueueHandle:
        return QueueHandle(self.server.queue(name), self)


class Connection:
    def __init__(self, server: "Server") -> None:
        self.server = server
        self.channels: list[Channel] = []

    def channel(self, **_options: bool) -> Channel:
        self.channels.append(Channel(self.server))
        return self.channels[-1]

    async def close(self) -> None:
        for channel in self.channels:
            if not channel.is_closed:
                channel.close()


class Server:
    """The broker, which tests can inspect and stop."""

    def __init__(self) -> None:
        self.running = True
        self.queues: dict[str, Queue] = {}
        self.missing: set[str] = set()
        self.published: list[tuple[str, bytes]] = []
        self._connections: list[Connection] = []

    async def connect(self, _url: str, **_options: object) -> Connection:
        if not self.running:
            raise AMQPConnectionError("connection refused")
        self._connections.append(Connection(self))
        return self._connections[-1]

    async def stop(self) -> None:
        self.running = False
        for connection in self._connections:
            await connection.close()

    def start(self) -> None:
        self.running = True

    def queue(self, name: str) -> Queue:
        return self.queues.setdefault(name, Queue(name, self))

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        if exchange == broker.EVENTS:
            return [queue for name, queue in self.queues.items() if name.endswith(".events")]
        return [] if routing_key in self.missing else [self.queue(routing_key)]

    def put(self, queue: str, body: str | bytes) -> None:
        """Put a message into a queue, bypassing exchanges."""
        content = body.encode() if isinstance(body, str) else body
        self.queue(queue).put(Delivery(content, {}))


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Wait for a condition; raise `TimeoutError` if it does not become true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def rabbitmq(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(aio_pika, "connect", server.connect)
    return server
