"""P-256 keys that sign access tokens, and their public halves."""

from base64 import b64decode
from functools import cache
from hashlib import sha256
from json import dumps
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode
from pydantic import AfterValidator, SecretStr

ALGORITHM = "ES256"


@cache
def load_key(encoded: str) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(b64decode(encoded, validate=True), password=None)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise TypeError
    return key


def _check(encoded: SecretStr) -> SecretStr:
    try:
        load_key(encoded.get_secret_value())
    except (TypeError, ValueError):
        raise ValueError("must be a P-256 private key: PKCS #8 PEM in base64") from None
    return encoded


SigningKey = Annotated[SecretStr, AfterValidator(_check)]
"""The type of a setting that holds a key."""


@cache
def public_jwk(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """The public key as a JWK; its id is its RFC 7638 thumbprint."""
    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    canonical = dumps(required, separators=(",", ":"), sort_keys=True).encode()
    thumbprint = base64url_encode(sha256(canonical).digest()).decode()
    return {**required, "kid": thumbprint, "alg": ALGORITHM, "use": "sig"}
