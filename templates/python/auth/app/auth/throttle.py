"""Slows down who guesses passwords: too many wrong ones, and an address has to wait."""

import math
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import LoginFailure, now
from chassis.database import transaction
from chassis.problems import Problem

ALLOWED = 10
"""Wrong passwords for one address, in a window."""
WINDOW = timedelta(minutes=15)


async def count(email: str) -> None:
    """Counts a login as failed before it is tried: many at once get no more tries than others.

    Raises while the address has to wait, even if the password would be right.
    """
    async with transaction() as session:
        attempt = await _add(session, email)
    if attempt.failures > ALLOWED:
        left = math.ceil((attempt.since + WINDOW - now()).total_seconds())
        detail = "Too many wrong passwords for this address."
        raise Problem(429, detail, headers={"Retry-After": str(max(1, left))})


async def _add(session: AsyncSession, email: str) -> LoginFailure:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(LoginFailure) if is_sqlite else postgresql.insert(LoginFailure)
    first = insert.values(address_hash=_key(email), failures=1, since=now())
    is_over = LoginFailure.since <= now() - WINDOW
    further = {
        LoginFailure.failures: case((is_over, 1), else_=LoginFailure.failures + 1),
        LoginFailure.since: case((is_over, first.excluded.since), else_=LoginFailure.since),
    }
    counted = first.on_conflict_do_update(index_elements=["address_hash"], set_=further)
    return (await session.scalars(counted.returning(LoginFailure))).one()


async def forget(session: AsyncSession, email: str) -> None:
    await session.execute(delete(LoginFailure).where(LoginFailure.address_hash == _key(email)))


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(LoginFailure).where(LoginFailure.since <= now() - WINDOW))


def _key(email: str) -> str:
    return sha256(email.encode()).hexdigest()
