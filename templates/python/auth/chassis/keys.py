"""The key that access tokens are checked with: the public half of this service's own."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from chassis.settings import get_settings
from chassis.signing_keys import load_key


async def verifying_key(_token: str) -> EllipticCurvePublicKey:
    return load_key(get_settings().signing_key.get_secret_value()).public_key()
