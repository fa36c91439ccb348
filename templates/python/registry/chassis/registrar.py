"""Has this instance known to the registry for as long as it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import structlog

from chassis import lifecycle, registry

log = structlog.get_logger()


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    leaving = asyncio.Event()
    keeping = asyncio.create_task(_stay_registered(leaving))
    with lifecycle.on_stop(leaving.set):
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
        # What does not work is done by the registry, in a while.
        with suppress(httpx.HTTPError):
            await registry.deregister(client)
