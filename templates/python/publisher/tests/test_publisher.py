import json

import pytest

from chassis import broker
from chassis.events import Message
from chassis.problems import Problem
from chassis.publisher import publish
from tests.rabbitmq import Server


class Noted(Message):
    TYPE = "note.noted"
    EXCHANGE = "events"

    number: int


async def test_a_message_is_published_at_once(rabbitmq: Server) -> None:
    async with broker.lifespan():
        await publish(Noted(number=1))
    [(routing_key, body)] = rabbitmq.published
    assert routing_key == "note.noted"
    assert json.loads(body)["data"] == {"number": 1}


async def test_without_a_broker_the_caller_gets_an_error(
    rabbitmq: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "PUBLISH_SECONDS", 0.05)
    await rabbitmq.stop()
    async with broker.lifespan():
        with pytest.raises(Problem) as raised:
            await publish(Noted(number=1))
    assert raised.value.status == 503
