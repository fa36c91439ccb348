"""Refresh tokens, each for one use. Of those who use one twice, somebody has stolen it."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Account, RefreshToken, now
from chassis.settings import get_settings

log = structlog.get_logger()


def issue(session: AsyncSession, account_id: UUID, family: UUID | None = None) -> str:
    """A new token, of a new family unless it follows another one."""
    token = token_urlsafe(32)
    row = RefreshToken(
        account_id=account_id,
        family=family or uuid4(),
        token_hash=_hash(token),
        expires_at=now() + timedelta(seconds=get_settings().refresh_token_seconds),
    )
    session.add(row)
    return token


async def spend(session: AsyncSession, token: str) -> RefreshToken | None:
    """Takes the token, once; None if it is not good. Its second use ends the whole family."""
    row = await _find(session, token)
    if row is None:
        return None
    unspent = update(RefreshToken).where(RefreshToken.id == row.id, RefreshToken.spent_at.is_(None))
    won = await session.scalar(unspent.values(spent_at=now()).returning(RefreshToken.id))
    if won is None:
        log.warning("refresh token used twice", account_id=str(row.account_id))
        await _revoke(session, row)
        return None
    return row if row.expires_at > now() else None


async def revoke(session: AsyncSession, token: str) -> None:
    """Ends the family of the token, if there is one."""
    row = await _find(session, token)
    if row is not None:
        await _revoke(session, row)


async def _find(session: AsyncSession, token: str) -> RefreshToken | None:
    """The token's row. Until the transaction ends, its account's tokens are for nobody else."""
    query = select(RefreshToken).where(RefreshToken.token_hash == _hash(token))
    row = await session.scalar(query)
    if row is not None:
        await session.get(Account, row.account_id, with_for_update=True)
    return row


async def _revoke(session: AsyncSession, row: RefreshToken) -> None:
    await session.execute(delete(RefreshToken).where(RefreshToken.family == row.family))


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(RefreshToken).where(RefreshToken.expires_at <= now()))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
