"""Tokens that are mailed to the owner of an address and work once."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Account, MailedToken, now

PAUSE = timedelta(minutes=1)
"""Minimum time between two mails of a kind to an address."""


async def issue(
    session: AsyncSession, account_id: UUID, kind: str, lifetime: timedelta
) -> str | None:
    """Return a token, which replaces the last one, or None if that one is not a minute old."""
    token = token_urlsafe(32)
    first = insert(MailedToken).values(
        account_id=account_id,
        kind=kind,
        token_hash=_hash(token),
        sent_at=now(),
        expires_at=now() + lifetime,
    )
    replaced = first.on_conflict_do_update(
        index_elements=["account_id", "kind"],
        set_={name: first.excluded[name] for name in ("token_hash", "sent_at", "expires_at")},
        where=MailedToken.sent_at <= now() - PAUSE,
    )
    issued = await session.scalar(replaced.returning(MailedToken.account_id))
    return token if issued else None


async def is_valid(session: AsyncSession, token: str, kind: str) -> bool:
    found = select(MailedToken.account_id).where(_is_it(token, kind))
    return await session.scalar(found) is not None


async def use(session: AsyncSession, token: str, kind: str) -> Account | None:
    """Use up a token; return its account, locked, or None if the token is not valid."""
    is_it = _is_it(token, kind)
    locked = select(Account).join(MailedToken).where(is_it).with_for_update(of=Account)
    account: Account | None = await session.scalar(locked)
    used = delete(MailedToken).where(is_it).returning(MailedToken.account_id)
    return account if await session.scalar(used) else None


async def discard(session: AsyncSession, account_id: UUID) -> None:
    """Make all tokens of an account invalid."""
    await session.execute(delete(MailedToken).where(MailedToken.account_id == account_id))


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(MailedToken).where(MailedToken.expires_at <= now()))


def _is_it(token: str, kind: str) -> ColumnElement[bool]:
    return and_(
        MailedToken.token_hash == _hash(token),
        MailedToken.kind == kind,
        MailedToken.expires_at > now(),
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
