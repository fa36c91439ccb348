from fastapi import FastAPI

from chassis import SERVICE, registrar, registry
from chassis.testing.registry import ADDRESS, Registry
from chassis.testing.until import until


async def test_an_instance_says_where_it_is_and_renews_its_lease(
    known: Registry, app: FastAPI
) -> None:
    async with registrar.lifespan(app):
        await until(lambda: known.renewals > 1)
        [registered] = known.registered.values()
    assert (registered["app"], registered["status"]) == (SERVICE.upper(), "UP")
    assert (registered["ipAddr"], registered["port"]["$"]) == (ADDRESS, registry.PORT)
    assert registered["healthCheckUrl"] == f"http://{ADDRESS}:8000/health/ready"


async def test_one_that_is_not_ready_says_so(known: Registry, app: FastAPI) -> None:
    async with registrar.lifespan(app):
        known.ready = 503
        await until(lambda: known.statuses() == ["DOWN"])
        known.ready = 200
        await until(lambda: known.statuses() == ["UP"])


async def test_what_an_operator_said_of_it_stays(known: Registry, app: FastAPI) -> None:
    async with registrar.lifespan(app):
        await until(lambda: known.registered)
        said = {"status": "OUT_OF_SERVICE", "overriddenStatus": "OUT_OF_SERVICE"}
        known.registered[registry.INSTANCE] |= said
        known.renewals = 0
        await until(lambda: known.renewals > 1)
        assert known.statuses() == ["OUT_OF_SERVICE"]
