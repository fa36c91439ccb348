"""Back-off for guessed passwords, per account and client: nobody locks an owner out."""

import math
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request
from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import LoginFailure, now
from chassis.database import transaction
from chassis.problems import Problem

ALLOWED = 10
"""Failed attempts with one account from one client in a window."""
WINDOW = timedelta(minutes=15)


def client_of(request: Request) -> str:
    """Return the client's address, or its /64 network for IPv6, as in the gateway's rate limits."""
    peer = request.client.host if request.client else ""
    text = request.headers.get("X-Envoy-External-Address", peer)
    try:
        address = ip_address(text)
    except ValueError:
        return text
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else address
    return str(mapped or ip_network((address, 64), strict=False))


async def count(email: str, client: str) -> None:
    """Count a login as failed before it is tried, so that concurrent ones get no further tries.

    Raise a 429 after too many, even if the password would be right.
    """
    async with transaction() as session:
        attempt = await _add(session, _key(email, client))
    if attempt.failures > ALLOWED:
        left = math.ceil((attempt.since + WINDOW - now()).total_seconds())
        detail = "Too many attempts."
        raise Problem(429, detail, headers={"Retry-After": str(max(1, left))})


async def _add(session: AsyncSession, key: str) -> LoginFailure:
    first = insert(LoginFailure).values(address_hash=key, failures=1, since=now())
    is_over = LoginFailure.since <= now() - WINDOW
    further = {
        LoginFailure.failures: case((is_over, 1), else_=LoginFailure.failures + 1),
        LoginFailure.since: case((is_over, first.excluded.since), else_=LoginFailure.since),
    }
    counted = first.on_conflict_do_update(index_elements=["address_hash"], set_=further)
    return (await session.scalars(counted.returning(LoginFailure))).one()


async def forget(session: AsyncSession, email: str, client: str) -> None:
    key = _key(email, client)
    await session.execute(delete(LoginFailure).where(LoginFailure.address_hash == key))


async def prune(session: AsyncSession) -> None:
    await session.execute(delete(LoginFailure).where(LoginFailure.since <= now() - WINDOW))


def _key(email: str, client: str) -> str:
    return sha256(f"{email}\n{client}".encode()).hexdigest()
