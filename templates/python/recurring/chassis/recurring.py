"""Recurring background work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()


@asynccontextmanager
async def recurring(
    name: str, seconds: float, work: Callable[[], Awaitable[None]]
) -> AsyncIterator[None]:
    """Call `work` at start and then every `seconds`, even if a call fails."""
    task = asyncio.create_task(_repeat(name, seconds, work))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _repeat(name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.warning("%s failed", name, exc_info=True)
        await asyncio.sleep(seconds)
