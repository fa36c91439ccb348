"""Passwords: argon2id, a few at a time and off the event loop."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

# 19 MiB and two passes: what OWASP recommends where memory is limited.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# However many log in at once, no more memory and threads than these are used.
_limiter = CapacityLimiter(4)


async def hash_password(password: str) -> str:
    return await to_thread.run_sync(_hasher.hash, password, limiter=_limiter)


async def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Takes as long where there is no account to compare it with."""
    return await to_thread.run_sync(_verify, password_hash, password, limiter=_limiter)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
    except VerificationError:
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("of no account")


async def renew(password_hash: str, password: str) -> str | None:
    """Return a new hash if this one was made with other parameters than today's."""
    return await hash_password(password) if _hasher.check_needs_rehash(password_hash) else None
