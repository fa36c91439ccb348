"""The key that access tokens are checked with: the public half of this service's own."""

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from app.auth.keys import load_key
from app.settings import get_settings


async def verifying_key(_token: str) -> EllipticCurvePublicKey:
    return load_key(get_settings().signing_key.get_secret_value()).public_key()
