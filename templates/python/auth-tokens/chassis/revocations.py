"""Revoked access tokens: those of an account up to some time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.context import state
from chassis.recurring import recurring

POLL_SECONDS = 20


@asynccontextmanager
async def polling(
    app: FastAPI, find: Callable[[], Awaitable[dict[str, int]]]
) -> AsyncIterator[None]:
    """Keep the result of `find`: the hash of each account's id, and a Unix time."""

    async def refresh() -> None:
        app.state.revoked = await find()

    async with recurring("poll of revocations", POLL_SECONDS, refresh):
        yield


def is_revoked(account_hash: str, issued_at: float) -> bool:
    """Return whether an account's tokens were revoked after one was issued."""
    revoked: dict[str, int] = getattr(state(), "revoked", {})
    return issued_at <= revoked.get(account_hash, -1)
