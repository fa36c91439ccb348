from fastapi import FastAPI

from chassis.testing.rabbitmq import Server, until
from chassis.wiring import SUBSCRIPTIONS


async def test_service_listens(application: FastAPI, rabbitmq: Server) -> None:
    assert application
    bindings = {(s.exchange, key, s.queue) for s in SUBSCRIPTIONS for key in s.routing_keys}
    await until(lambda: rabbitmq.bindings >= bindings)
    for _, _, queue in bindings:
        await until(lambda name=queue: rabbitmq.queues[name].consumers)  # type: ignore[misc]
