"""The keys that sign access tokens: the current one, the next one and the previous one."""

from functools import cache

from jwt import PyJWK, PyJWKClientError, get_unverified_header

from chassis.settings import get_settings
from chassis.signing_keys import load_key, public_jwk


def public_keys() -> list[dict[str, str]]:
    """Return the public keys as JWKs, the current one first."""
    settings = get_settings()
    keys = (settings.signing_key, settings.next_signing_key, settings.previous_signing_key)
    return [public_jwk(load_key(key.get_secret_value())) for key in keys]


async def verifying_key(token: str) -> PyJWK:
    """Return the key that a token names. Raise `jwt.PyJWTError` if there is none."""
    key_id = get_unverified_header(token).get("kid")
    for key in public_keys():
        if key["kid"] == key_id:
            return _verifying_key(**key)
    raise PyJWKClientError("unknown key")


@cache
def _verifying_key(**key: str) -> PyJWK:
    return PyJWK(key)
