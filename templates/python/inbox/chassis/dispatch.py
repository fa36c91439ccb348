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
    """Changes data through the session only; an error makes the message be retried."""

    async def __call__(self, event: Event[M], session: AsyncSession, /) -> None: ...


log = structlog.get_logger()


class DatabaseUnavailableError(Exception):
    """No message can be handled now."""


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    log.warning("database unavailable", error=repr(error), attempt=state.attempt_number)


@retry(
    retry=retry_if_exception_type(DatabaseUnavailableError),
    wait=wait_random_exponential(0.2, max=5),
    before_sleep=_log_failure,
)
async def handle(queue: str, event: Event[M], handler: Handler[M]) -> bool:
    """Handle the message; return False if it was handled before.

    An unavailable database is waited for and costs no retry.
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
        except Exception:  # noqa: BLE001 - any failure means unavailable
            raise DatabaseUnavailableError(repr(error)) from error
        raise
    return True
