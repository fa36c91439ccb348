from prometheus_client import REGISTRY

from chassis.database import sessions
from chassis.events import Message
from chassis.metrics.outbox import measure
from chassis.outbox import publish


class Noted(Message):
    TYPE = "note.noted"
    EXCHANGE = "events"


async def test_what_waits_in_the_outbox_is_measured() -> None:
    await measure()
    assert REGISTRY.get_sample_value("outbox_messages") == 0
    assert REGISTRY.get_sample_value("outbox_oldest_message_age_seconds") == 0

    async with sessions.begin() as session:
        publish(session, Noted())
        publish(session, Noted())
    await measure()

    assert REGISTRY.get_sample_value("outbox_messages") == 2
    assert (REGISTRY.get_sample_value("outbox_oldest_message_age_seconds") or 0) > 0
