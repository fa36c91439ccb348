"""Deletes what has expired, now and then."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from app.auth import mailed_tokens, refresh_tokens, revocations, throttle
from chassis.database import sessions
from chassis.recurring import recurring

PRUNING_SECONDS = 3600.0


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    return recurring("pruning", PRUNING_SECONDS, prune)


async def prune() -> None:
    async with sessions().begin() as session:
        await refresh_tokens.prune(session)
        await mailed_tokens.prune(session)
        await revocations.prune(session)
        await throttle.prune(session)
