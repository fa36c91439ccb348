"""What Eureka knows of other services' instances."""

import asyncio
from collections.abc import AsyncIterator

import httpx

FETCH_SECONDS = 1.0
"""Shorter than an instance that is stopping still takes requests."""


async def watch(client: httpx.AsyncClient, service: str) -> AsyncIterator[list[tuple[str, int]]]:
    """Where the instances are that are well, again and again."""
    while True:
        answer = await client.get(f"/apps/{service.upper()}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            yield []
        else:
            answer.raise_for_status()
            instances = answer.json()["application"]["instance"]
            yield sorted((i["ipAddr"], i["port"]["$"]) for i in instances if i["status"] == "UP")
        await asyncio.sleep(FETCH_SECONDS)
