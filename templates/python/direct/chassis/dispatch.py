"""How a message takes effect. Without a database it may do so twice, after a crash."""

import asyncio
from typing import Protocol, TypeVar

from chassis.events import Event, Message

HANDLING_SECONDS = 60
"""How long a handler may take."""

M = TypeVar("M", bound=Message)


class Handler(Protocol[M]):
    """Raises to have the message tried again."""

    async def __call__(self, event: Event[M], /) -> None: ...


async def handle(_queue: str, event: Event[M], handler: Handler[M]) -> bool:
    """Has the message take its effect."""
    async with asyncio.timeout(HANDLING_SECONDS):
        await handler(event)
    return True
