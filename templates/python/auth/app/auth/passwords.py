"""Passwords: argon2id, off the event loop and with bounded work."""

from asyncio import Semaphore
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from chassis.problems import Problem

T = TypeVar("T")

# 19 MiB and two passes: what OWASP recommends where memory is limited.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

WORKERS = 2
"""Hashes that are computed at once."""
QUEUE = 32
"""Requests that may wait for a worker: about a second of work."""

_limiter = CapacityLimiter(WORKERS)
_places = Semaphore(WORKERS + QUEUE)


def check_queue() -> None:
    """Raise a 503 if no more work is accepted at the moment."""
    if _places.locked():
        raise Problem(503, "Too many logins at once.", headers={"Retry-After": "5"})


async def _hashing(work: Callable[..., T], *arguments: str | None) -> T:
    check_queue()
    async with _places:
        return await to_thread.run_sync(work, *arguments, limiter=_limiter)


async def hash_password(password: str) -> str:
    return await _hashing(_hasher.hash, password)


async def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password is right, in the same time if there is no account."""
    return await _hashing(_verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _dummy(), password) and password_hash is not None
    except VerificationError:
        return False


@cache
def _dummy() -> str:
    return _hasher.hash("the password of no account")


async def renew(password_hash: str, password: str) -> str | None:
    """Return a new hash if this one was made with other parameters than today's."""
    return await hash_password(password) if _hasher.check_needs_rehash(password_hash) else None
