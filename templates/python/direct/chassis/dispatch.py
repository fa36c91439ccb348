"""Dispatch of messages. Without a database, a message can be handled twice after a crash."""

import asyncio
from typing import Protocol, TypeVar

from chassis.events import Event, Message

HANDLING_SECONDS = 60
"""Time limit of a handler in seconds."""

M = TypeVar("M", bound=Message)


class Handler(Protocol[M]):
    """An error makes the message be retried."""

    async def __call__(self, event: Event[M], /) -> None: ...


async def handle(_queue: str, event: Event[M], handler: Handler[M]) -> bool:
    """Handle the message."""
    async with asyncio.timeout(HANDLING_SECONDS):
        await handler(event)
    return True
