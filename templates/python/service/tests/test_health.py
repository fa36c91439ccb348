import asyncio

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from chassis import health, lifecycle


async def test_lives(client: AsyncClient) -> None:
    response = await client.get("/health/live")

    assert response.status_code == 200
    assert response.json()["status"] == "ok"


async def test_is_ready(client: AsyncClient) -> None:
    response = await client.get("/health/ready")

    assert response.status_code == 200, response.text


async def test_dependencies_answer(client: AsyncClient) -> None:
    response = await client.get("/health/dependencies")

    assert response.status_code == 200, response.text
    assert set(response.json()["checks"].values()) <= {"ok"}


async def test_stays_ready_without_a_dependency(client: AsyncClient, application: FastAPI) -> None:
    async def broken() -> None:
        raise ConnectionError

    application.state.checks = {**application.state.checks, "broken": broken}

    response = await client.get("/health/dependencies")

    assert (await client.get("/health/ready")).status_code == 200
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["checks"]["broken"] == "unavailable"


async def test_does_not_wait_for_a_check(
    client: AsyncClient, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            await asyncio.sleep(1)

    monkeypatch.setattr(health, "TIMEOUT", 0.01)
    application.state.checks = {"stubborn": stubborn}

    async with asyncio.timeout(0.5):
        response = await client.get("/health/dependencies")

    assert response.json()["checks"] == {"stubborn": "unavailable"}


async def test_is_not_ready_while_it_stops(client: AsyncClient) -> None:
    lifecycle.stop(10)

    response = await client.get("/health/ready")

    assert response.status_code == 503
    assert 0 < (lifecycle.seconds_left() or 0) <= 10
