from httpx import AsyncClient

from app import SERVICE, lifecycle, registry
from tests.consul import ADDRESS, Consul, until


async def test_an_instance_is_registered_with_a_check_while_it_runs(consul: Consul) -> None:
    async with registry.lifespan():
        await until(lambda: consul.registered)
        [registered] = consul.registered.values()
    assert registered["Name"] == SERVICE
    assert (registered["Address"], registered["Port"]) == (ADDRESS, registry.PORT)
    path = f"/health/ready/{registry.INSTANCE}"
    assert registered["Check"]["HTTP"] == f"http://{ADDRESS}:8000{path}"
    assert not consul.registered


async def test_it_is_ready_in_its_own_name_only(client: AsyncClient) -> None:
    assert (await client.get(f"/health/ready/{registry.INSTANCE}")).status_code == 200
    assert (await client.get("/health/ready/another")).status_code == 404


async def test_it_leaves_at_the_first_sign_of_the_end(consul: Consul) -> None:
    async with registry.lifespan():
        await until(lambda: consul.registered)
        lifecycle.stop(10)
        await until(lambda: not consul.registered)


async def test_a_consul_that_forgot_it_is_told_again(consul: Consul) -> None:
    async with registry.lifespan():
        await until(lambda: consul.registered)
        consul.registered.clear()
        await until(lambda: consul.registered)


async def test_without_consul_it_runs_all_the_same(consul: Consul) -> None:
    consul.running = False
    async with registry.lifespan():
        assert not consul.registered
        consul.running = True
        await until(lambda: consul.registered)
