"""Dispatch of messages, each in one transaction with its inbox entry."""

import asyncio
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from tenacity import RetryCallState, retry, retry_if_exception_type, wait_random_exponential

from chassis import database, inbox
from chassis.events import Event, Message

HANDLING_SECONDS = 60
"""Time limit of a handler in seconds."""

M = TypeVar("M", bound=Message)


class Handler(Protocol[M]):
    """Changes data through the session alone; raises to have the message tried again."""

    async def __call__(self, event: Event[M], session: AsyncSession, /) -> None: ...


log = structlog.get_logger()


class DatabaseUnavailableError(Exception):
    """Nothing can take effect now, whatever the message."""


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    log.warning("database unavailable", error=repr(error), attempt=state.attempt_number)


@retry(
    retry=retry_if_exception_type(DatabaseUnavailableError),
    wait=wait_random_exponential(0.2, max=5),
    before_sleep=_log_failure,
)
async def handle(queue: str, event: Event[M], handler: Handler[M]) -> bool:
    """Has the message take its effect; False if it had already.

    While the database is away it waits: that is not the message's fault, and costs it no try.
    """
    try:
        async with asyncio.timeout(HANDLING_SECONDS), database.sessions().begin() as session:
            await inbox.claim(session, queue, event.id)
            await handler(event, session)
    except inbox.AlreadyHandledError:
        return False
    except Exception as error:
        try:
            await database.check()
        except Exception:  # noqa: BLE001 - however it fails, the database is not there
            raise DatabaseUnavailableError(repr(error)) from error
        raise
    return True
