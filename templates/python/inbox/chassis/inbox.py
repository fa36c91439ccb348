"""The inbox: ids of handled messages, so that no effect happens twice."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import String, delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import Base, sessions
from chassis.recurring import recurring

KEPT = timedelta(days=30)
"""Retention of inbox entries; older messages are not redelivered."""
PRUNING_SECONDS = 3600.0


class InboxMessage(Base):
    __tablename__ = "inbox"

    queue: Mapped[str] = mapped_column(String(100), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(index=True)


class AlreadyHandledError(Exception):
    """The message has been handled before."""


async def claim(session: AsyncSession, queue: str, message_id: UUID) -> None:
    """Insert the message's id in the transaction of its effect.

    Waits for the outcome of another transaction with the same message.
    """
    row = {"queue": queue, "message_id": message_id, "handled_at": datetime.now(UTC)}
    try:
        await session.execute(insert(InboxMessage).values(row))
    except IntegrityError as error:
        raise AlreadyHandledError from error


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    return recurring("inbox", PRUNING_SECONDS, prune)


async def prune() -> None:
    old = InboxMessage.handled_at < datetime.now(UTC) - KEPT
    async with sessions().begin() as session:
        await session.execute(delete(InboxMessage).where(old))
