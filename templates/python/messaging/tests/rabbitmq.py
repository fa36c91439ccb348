"""A RabbitMQ for tests, in memory: as much of it, and of its client, as the service uses."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Self

import aio_pika
import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError, DeliveryError
from pamqp.commands import Basic

from chassis import broker

Receive = Callable[["Delivery"], Awaitable[Any]]


@dataclass
class Delivery:
    """A message, as it lies in a queue and as a consumer gets it."""

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
    arguments: dict[str, Any]
    server: "Server"
    messages: deque[Delivery] = field(default_factory=deque)
    consumers: dict[str, tuple["Channel", Receive]] = field(default_factory=dict)

    def put(self, message: Delivery) -> None:
        self.messages.append(message)
        if ttl := self.arguments.get("x-message-ttl"):
            asyncio.get_running_loop().call_later(ttl / 1000, self._expire, message)
        self.deliver()

    def _expire(self, message: Delivery) -> None:
        if message in self.messages:
            self.messages.remove(message)
            self.server.queues[self.arguments["x-dead-letter-routing-key"]].put(message)

    def deliver(self) -> None:
        for channel, receive in self.consumers.values():
            while self.messages and len(channel.unsettled) < channel.prefetch:
                message = self.messages.popleft()
                message.queue, message.channel = self, channel
                channel.unsettled.append(message)
                channel.tasks.append(asyncio.ensure_future(receive(message)))


@dataclass
class QueueHandle:
    """A queue, as a client sees it through one of its channels."""

    queue: Queue
    channel: "Channel"

    async def bind(self, exchange: str, routing_key: str) -> None:
        self.queue.server.bindings.add((exchange, routing_key, self.queue.name))

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

    async def declare_exchange(self, name: str, kind: str, *, durable: bool) -> Exchange:
        assert durable
        self.server.exchanges[name] = str(kind)
        return Exchange(name, self)

    async def get_exchange(self, name: str, *, ensure: bool) -> Exchange:
        assert not ensure
        return Exchange(name, self)

    async def declare_queue(
        self, name: str, *, durable: bool, arguments: dict[str, Any]
    ) -> QueueHandle:
        assert durable
        queue = self.server.queues.setdefault(name, Queue(name, arguments, self.server))
        assert queue.arguments == arguments
        return QueueHandle(queue, self)


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
    """The broker itself, for tests to look into and to pull the plug of."""

    def __init__(self) -> None:
        self.running = True
        self.exchanges: dict[str, str] = {}
        self.queues: dict[str, Queue] = {}
        self.bindings: set[tuple[str, str, str]] = set()
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

    def start(self, *, empty: bool = False) -> None:
        if empty:
            for forgotten in (self.exchanges, self.queues, self.bindings):
                forgotten.clear()
        self.running = True

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        if not exchange:
            return [self.queues[routing_key]] if routing_key in self.queues else []
        names = {q for e, key, q in self.bindings if e == exchange and _matches(key, routing_key)}
        return [self.queues[name] for name in sorted(names)]

    def put(self, queue: str, body: str | bytes) -> None:
        """Puts a message into a queue, past all exchanges."""
        content = body.encode() if isinstance(body, str) else body
        self.queues[queue].put(Delivery(content, {}))


def _matches(binding_key: str, routing_key: str) -> bool:
    words = {"*": r"[^.]+", "#": r".*"}
    pattern = r"\.".join(words.get(word, re.escape(word)) for word in binding_key.split("."))
    return re.fullmatch(pattern.replace(r"\..*", r"(\..*)?"), routing_key) is not None


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Waits until something is so; an error if it does not happen."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def rabbitmq(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(aio_pika, "connect", server.connect)
    monkeypatch.setattr(broker, "RETRY_SECONDS", (0.01, 0.02, 0.03))
    return server
