"""Refresh tokens: each use replaces the token, and reuse means that it was stolen."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import access_tokens, revocations
from app.auth.models import Account, RefreshToken, now
from chassis.settings import get_settings

log = structlog.get_logger()


GRACE = timedelta(seconds=10)
"""How long a used token still works: the response may be lost, or two tabs refresh at once."""


class Issued(NamedTuple):
    access_token: str
    refresh_token: str


async def issue(
    session: AsyncSession, account: Account, predecessor: RefreshToken | None = None
) -> Issued:
    """Return tokens of the predecessor's family, or of a new one, for a locked account."""
    settings = get_settings()
    token = token_urlsafe(32)
    started_at = predecessor.started_at if predecessor else now()
    family = predecessor.family if predecessor else uuid4()
    row = RefreshToken(
        account_id=account.id,
        family=family,
        token_hash=_hash(token),
        started_at=started_at,
        issued_at=now(),
        expires_at=min(
            now() + timedelta(seconds=settings.refresh_token_seconds),
            started_at + timedelta(seconds=settings.session_seconds),
        ),
    )
    session.add(row)
    issued_at = await revocations.next_issue(session, account.id)
    return Issued(access_tokens.issue(account, family, issued_at), token)


async def spend(session: AsyncSession, token: str) -> Issued | None:
    """Use a token for new ones; return None if it is not valid.

    Reuse after `GRACE` revokes its family.
    """
    account, row = await _find(session, token)
    if account is None or row is None:
        return None
    if row.spent_at and row.spent_at < now() - GRACE:
        log.warning("refresh token reused", account=str(row.account_id))
        await _revoke(session, row)
        return None
    if row.expires_at <= now():
        return None
    row.spent_at = row.spent_at or now()
    return await issue(session, account, row)


async def revoke(session: AsyncSession, token: str) -> None:
    """Revoke the token's family. Unknown tokens are ignored."""
    _, row = await _find(session, token)
    if row is not None:
        await _revoke(session, row)


async def revoke_all(session: AsyncSession, account_id: UUID) -> None:
    """Revoke all tokens of an account, which the caller has locked."""
    await session.execute(delete(RefreshToken).where(RefreshToken.account_id == account_id))


async def _find(session: AsyncSession, token: str) -> tuple[Account | None, RefreshToken | None]:
    """Return a token's account, locked so that no new token escapes a revocation, and its row."""
    is_it = RefreshToken.token_hash == _hash(token)
    locked = select(Account).join(RefreshToken).where(is_it).with_for_update(of=Account)
    account = await session.scalar(locked)
    row = await session.scalar(select(RefreshToken).where(is_it))
    return account, row


async def _revoke(session: AsyncSession, row: RefreshToken) -> None:
    await session.execute(delete(RefreshToken).where(RefreshToken.family == row.family))


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(RefreshToken).where(RefreshToken.expires_at <= now()))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
