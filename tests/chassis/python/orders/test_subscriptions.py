from fastapi import FastAPI

from chassis.testing.rabbitmq import Server, until
from chassis.wiring import SUBSCRIPTIONS


async def test_service_listens(application: FastAPI, rabbitmq: Server) -> None:
    assert application
    assert SUBSCRIPTIONS
    await until(lambda: all(rabbitmq.queue(s.queue).consumers for s in SUBSCRIPTIONS))
