"""The OpenID provider's public keys."""

from jwt import PyJWK, get_unverified_header

from chassis import provider


async def verifying_key(token: str) -> PyJWK:
    """Return the key that a token names. Raise `jwt.PyJWTError` if there is none."""
    return await provider.keys().find(get_unverified_header(token).get("kid", ""))
