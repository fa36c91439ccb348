"""Deletes what has expired, now and then."""

from contextlib import AbstractAsyncContextManager

from app.auth import refresh_tokens, throttle
from chassis.database import sessions
from chassis.recurring import recurring

PRUNING_SECONDS = 3600.0


def lifespan() -> AbstractAsyncContextManager[None]:
    return recurring("pruning", PRUNING_SECONDS, prune)


async def prune() -> None:
    async with sessions.begin() as session:
        await refresh_tokens.prune(session)
        await throttle.prune(session)
