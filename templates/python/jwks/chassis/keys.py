"""The public keys of the auth service."""

import asyncio
from functools import cache

from jwt import PyJWK, PyJWKClient, get_unverified_header

from chassis.settings import get_settings

LIFESPAN = 3600
"""Seconds that keys are kept. A token with a new key has them fetched before."""
COOLDOWN = 10
"""Seconds between two such fetches: anybody can make up the name of a key."""


async def verifying_key(token: str) -> PyJWK:
    """The key that a token says it is signed with. Raises `jwt.PyJWTError`."""
    client = _client(str(get_settings().jwks_url))
    key_id = get_unverified_header(token).get("kid", "")
    known = client.jwk_set_cache and client.jwk_set_cache.get()
    if known and (key := client.match_kid(known.keys, key_id)):
        return key
    # Only what has to be fetched is worth a thread to wait in.
    return await asyncio.to_thread(client.get_signing_key, key_id)


@cache
def _client(url: str) -> PyJWKClient:
    return PyJWKClient(url, lifespan=LIFESPAN, cooldown_duration=COOLDOWN, timeout=2)
