from fastapi import FastAPI
from httpx import AsyncClient

from chassis import SERVICE, registrar, registry
from chassis.testing.registry import ADDRESS, Registry
from chassis.testing.until import until


async def test_an_instance_says_where_it_is_and_how_to_ask_it(
    known: Registry, app: FastAPI
) -> None:
    async with registrar.lifespan(app):
        await until(lambda: known.registered)
        [registered] = known.registered.values()
    assert registered["Name"] == SERVICE
    assert (registered["Address"], registered["Port"]) == (ADDRESS, registry.PORT)
    path = f"/health/ready/{registry.INSTANCE}"
    assert registered["Check"]["HTTP"] == f"http://{ADDRESS}:8000{path}"


async def test_it_is_ready_in_its_own_name_only(client: AsyncClient) -> None:
    assert (await client.get(f"/health/ready/{registry.INSTANCE}")).status_code == 200
    assert (await client.get("/health/ready/another")).status_code == 404
