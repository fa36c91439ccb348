"""Access tokens: short-lived, signed, checked by everybody with the public key alone."""

from datetime import timedelta
from uuid import UUID, uuid4

import jwt

from app.auth.models import now
from chassis.settings import get_settings
from chassis.signing_keys import ALGORITHM, load_key, public_jwk


def issue(account_id: UUID) -> str:
    settings = get_settings()
    key = load_key(settings.signing_key.get_secret_value())
    issued_at = now()
    claims = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(account_id),
        "iat": issued_at,
        "exp": issued_at + timedelta(seconds=settings.access_token_seconds),
        "jti": str(uuid4()),
    }
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": public_jwk(key)["kid"]})
