import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from chassis import discovery
from chassis.testing.registry import Registry
from chassis.testing.until import until

CALLED = discovery.CALLED[0]


class Instance:
    """One of several of another service."""

    def __init__(self) -> None:
        self.requests = 0
        self.address = ("127.0.0.1", 0)

    async def start(self) -> None:
        self.server = await asyncio.start_server(self.answer, *self.address)
        self.address = self.server.sockets[0].getsockname()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert f"host: {CALLED}:8000".encode() in head.lower()
        self.requests += 1
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def stop(self) -> None:
        self.server.close()
        await self.server.wait_closed()


@pytest.fixture
async def two() -> AsyncIterator[tuple[Instance, Instance]]:
    pair = Instance(), Instance()
    for instance in pair:
        await instance.start()
    yield pair
    for instance in pair:
        await instance.stop()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        discovery.lifespan(app),
        httpx.AsyncClient(
            transport=discovery.Discovering(), base_url=f"http://{CALLED}:8000"
        ) as client,
    ):
        yield client


async def found(number: int) -> None:
    await until(lambda: len(discovery.instances().get(CALLED, [])) == number)


async def test_instances_take_turns(
    known: Registry, client: httpx.AsyncClient, two: tuple[Instance, Instance]
) -> None:
    known.has(*(instance.address for instance in two))
    await found(2)

    for _ in range(10):
        await client.post("/things", json={})

    assert [instance.requests for instance in two] == [5, 5]


async def test_one_that_is_gone_is_passed_over_and_then_forgotten(
    known: Registry, client: httpx.AsyncClient, two: tuple[Instance, Instance]
) -> None:
    known.has(*(instance.address for instance in two))
    await found(2)
    await two[0].stop()

    for _ in range(4):
        await client.post("/things", json={})
    known.has(two[1].address)
    await found(1)
    await client.get("/things")

    assert two[1].requests == 5


async def test_that_there_is_none_is_believed_after_a_while(
    known: Registry,
    client: httpx.AsyncClient,
    two: tuple[Instance, Instance],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known.has(two[0].address)
    await found(1)
    known.has()
    await asyncio.sleep(0.05)
    assert (await client.get("/things")).status_code == 204

    monkeypatch.setattr(discovery, "GRACE_SECONDS", 0)
    known.has()
    await found(0)


async def test_without_any_it_is_an_error_at_once(
    known: Registry, client: httpx.AsyncClient
) -> None:
    known.has()
    await until(lambda: CALLED in discovery.instances())

    with pytest.raises(httpx.ConnectError):
        await client.get("/things")


async def test_what_was_known_outlasts_the_registry(
    known: Registry,
    client: httpx.AsyncClient,
    two: tuple[Instance, Instance],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "PAUSE_SECONDS", 0.01)
    known.has(two[0].address)
    await found(1)
    known.running = False
    await asyncio.sleep(0.05)

    assert (await client.get("/things")).status_code == 204
