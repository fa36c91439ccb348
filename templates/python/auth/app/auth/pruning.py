"""Deletes what has expired, now and then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.auth import refresh_tokens, throttle
from app.database import sessions

PRUNING_SECONDS = 3600.0

log = structlog.get_logger()


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    task = asyncio.create_task(_run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _run() -> None:
    while True:
        try:
            await prune()
        except Exception:
            log.exception("nothing pruned")
        await asyncio.sleep(PRUNING_SECONDS)


async def prune() -> None:
    async with sessions.begin() as session:
        await refresh_tokens.prune(session)
        await throttle.prune(session)
