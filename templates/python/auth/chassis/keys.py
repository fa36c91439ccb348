"""The key that verifies access tokens: the public half of this service's own."""

from functools import cache

from jwt import PyJWK

from chassis.settings import get_settings
from chassis.signing_keys import load_key, public_jwk


async def verifying_key(_token: str) -> PyJWK:
    return _public_key(get_settings().signing_key.get_secret_value())


@cache
def _public_key(signing_key: str) -> PyJWK:
    return PyJWK(public_jwk(load_key(signing_key)))
