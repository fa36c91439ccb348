import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis import broker, database
from chassis.consumer import CONCURRENT, Route, Subscription, consuming
from chassis.context import current_app
from chassis.correlation import correlation_id
from chassis.events import Event, Message, envelope
from chassis.lifecycle import lifecycle
from chassis.testing.rabbitmq import Delivery, Server, until

pytestmark = pytest.mark.usefixtures("app")


class Job(Message):
    TYPE = "job"
    EXCHANGE = "queues"

    number: int


class Worker:
    """A handler that can be told to fail, and to wait."""

    def __init__(self) -> None:
        self.failures = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.started: list[int] = []
        self.done: list[int] = []
        self.correlation_id = ""

    async def handle(self, event: Event[Job], *_: object) -> None:
        self.started.append(event.data.number)
        await self.go_on.wait()
        if self.failures:
            self.failures -= 1
            raise ValueError("not now")
        self.correlation_id = correlation_id.get()
        self.done.append(event.data.number)


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    routes = {"job": Route(Event[Job], worker.handle)}
    subscriptions = [Subscription("jobs", routes)]
    app = current_app.get()
    async with database.lifespan(app), broker.lifespan(app), consuming(subscriptions, app):
        yield


async def send(rabbitmq: Server, *numbers: int) -> None:
    await until(lambda: rabbitmq.queue("jobs").consumers)
    for number in numbers:
        rabbitmq.put("jobs", envelope(Job(number=number)).model_dump_json())


def settled(rabbitmq: Server) -> bool:
    """Whether nothing is left to be handled."""
    queues = [queue for name, queue in rabbitmq.queues.items() if not name.endswith(".dead")]
    unsettled = [c.unsettled for q in queues for c, _ in q.consumers.values()]
    return not any([*unsettled, *(q.messages for q in queues)])


async def test_messages_are_handled_and_acknowledged(rabbitmq: Server) -> None:
    worker = Worker()
    async with working(worker):
        await send(rabbitmq, *range(30))
        await until(lambda: len(worker.done) == 30)
        await until(lambda: settled(rabbitmq))
    assert sorted(worker.done) == list(range(30))


async def test_a_message_is_acknowledged_after_its_effect_only(rabbitmq: Server) -> None:
    worker = Worker()
    worker.go_on.clear()
    async with working(worker):
        await send(rabbitmq, 1)
        await until(lambda: worker.started)
        assert not settled(rabbitmq)
        worker.go_on.set()
        await until(lambda: settled(rabbitmq))


async def test_a_message_that_failed_is_tried_again(rabbitmq: Server) -> None:
    worker = Worker()
    worker.failures = 3
    async with working(worker):
        await send(rabbitmq, 1)
        await until(lambda: worker.done)
        await until(lambda: settled(rabbitmq))
    tries = [routing_key for routing_key, _ in rabbitmq.published]
    assert tries == ["jobs.retry.1", "jobs.retry.2", "jobs.retry.3"]
    assert not rabbitmq.queue("jobs.dead").messages


async def test_after_the_third_retry_it_is_dead_letter(rabbitmq: Server) -> None:
    worker = Worker()
    worker.failures = 4
    async with working(worker):
        await send(rabbitmq, 1)
        dead = await dead_lettered(rabbitmq)
    assert dead.headers["x-error"] == "ValueError: not now"
    assert json.loads(dead.body)["data"] == {"number": 1}


async def test_what_cannot_be_parsed_is_dead_letter_at_once(rabbitmq: Server) -> None:
    wrong = envelope(Job(number=1)).model_dump(mode="json") | {"data": {"number": "many"}}
    for poison in (b"\xff", b"", b"[]", b"{}", json.dumps(wrong).encode()):
        worker = Worker()
        async with working(worker):
            await send(rabbitmq)
            rabbitmq.put("jobs", poison)
            dead = await dead_lettered(rabbitmq)
            assert dead.body == poison
            assert "many" not in dead.headers["x-error"]
        assert not worker.started


async def test_a_message_of_an_older_version_is_handled(rabbitmq: Server) -> None:
    older = envelope(Job(number=1)).model_dump(mode="json") | {"data": {}}
    worker = Worker()
    async with working(worker):
        await send(rabbitmq)
        rabbitmq.put("jobs", json.dumps(older).encode())
        await until(lambda: worker.done == [None])
        await until(lambda: settled(rabbitmq))


async def test_a_message_of_no_known_type_is_ignored(rabbitmq: Server) -> None:
    worker = Worker()
    async with working(worker):
        await send(rabbitmq)
        other = envelope(Job(number=1)).model_copy(update={"type": "other"})
        rabbitmq.put("jobs", other.model_dump_json())
        await until(lambda: settled(rabbitmq))
    assert not worker.started
    assert not rabbitmq.published


async def test_the_broker_going_away_delays_messages_and_loses_none(rabbitmq: Server) -> None:
    worker = Worker()
    worker.go_on.clear()
    async with working(worker):
        await send(rabbitmq, *range(30))
        await until(lambda: worker.started)
        await rabbitmq.stop()
        worker.go_on.set()
        rabbitmq.start()
        await until(lambda: settled(rabbitmq) and len(set(worker.done)) == 30)


async def test_when_stopping_what_is_in_hand_is_finished_and_the_rest_stays(
    rabbitmq: Server,
) -> None:
    worker = Worker()
    worker.go_on.clear()
    async with working(worker):
        await send(rabbitmq, *range(30))
        await until(lambda: worker.started)
        lifecycle().stop(5)
        await until(lambda: not rabbitmq.queues["jobs"].consumers)
        worker.go_on.set()
    assert 1 <= len(worker.done) <= CONCURRENT
    assert len(rabbitmq.queues["jobs"].messages) == 30 - len(worker.done)


async def test_a_handler_works_under_the_correlation_id_of_its_message(rabbitmq: Server) -> None:
    worker = Worker()
    async with working(worker):
        await send(rabbitmq)
        event = envelope(Job(number=1)).model_copy(update={"correlationid": "the-cause"})
        rabbitmq.put("jobs", event.model_dump_json())
        await until(lambda: worker.done)
    assert worker.correlation_id == "the-cause"


async def dead_lettered(rabbitmq: Server) -> Delivery:
    dead = rabbitmq.queue("jobs.dead").messages
    await until(lambda: dead)
    return dead.popleft()
