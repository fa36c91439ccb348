"""Revocations of access tokens, which every service fetches."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Revocation, now
from chassis.database import new_session
from chassis.revocations import polling
from chassis.settings import get_settings

MARGIN = timedelta(minutes=5)
"""How much longer than a token its revocation is listed."""


def lifespan(app: FastAPI) -> AbstractAsyncContextManager[None]:
    return polling(app, fetch)


async def fetch() -> dict[str, int]:
    async with new_session() as session:
        return await find(session)


async def revoke(session: AsyncSession, account_id: UUID) -> None:
    """Revoke all access tokens of an account, which the caller has locked."""
    first = insert(Revocation).values(account_hash=_hash(account_id), revoked_at=now())
    latest = {Revocation.revoked_at: first.excluded.revoked_at}
    await session.execute(first.on_conflict_do_update(index_elements=["account_hash"], set_=latest))


async def next_issue(session: AsyncSession, account_id: UUID) -> datetime:
    """Return the `iat` of a new token: now, or the second after a revocation."""
    revocation = await session.get(Revocation, _hash(account_id))
    if revocation is None:
        return now()
    return max(now(), revocation.revoked_at.replace(microsecond=0) + timedelta(seconds=1))


async def find(session: AsyncSession) -> dict[str, int]:
    """Return hashes of accounts, and until when the tokens of each were revoked."""
    rows = await session.scalars(select(Revocation).where(Revocation.revoked_at > _relevant()))
    return {row.account_hash: int(row.revoked_at.timestamp()) for row in rows}


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(Revocation).where(Revocation.revoked_at <= _relevant()))


def _relevant() -> datetime:
    return now() - timedelta(seconds=get_settings().access_token_seconds) - MARGIN


def _hash(account_id: UUID) -> str:
    return sha256(str(account_id).encode()).hexdigest()
