"""Keep this instance registered while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import structlog
from fastapi import FastAPI

from chassis import registry
from chassis.lifecycle import lifecycle

log = structlog.get_logger()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    leaving = asyncio.Event()
    keeping = asyncio.create_task(_stay_registered(leaving))
    with lifecycle().on_stop(leaving.set):
        try:
            yield
        finally:
            leaving.set()
            await keeping


async def _stay_registered(leaving: asyncio.Event) -> None:
    async with registry.connect() as client:
        while not leaving.is_set():
            try:
                await registry.register(client)
            except httpx.HTTPError as error:
                log.warning("not registered", error=repr(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(registry.RENEWAL_SECONDS):
                    await leaving.wait()
        # The registry removes an instance that stops renewing.
        with suppress(httpx.HTTPError):
            await registry.deregister(client)
