"""Access tokens: short-lived, signed, checked by everybody with the public key alone."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.auth.keys import ALGORITHM, load_key, public_jwk
from app.auth.models import now
from app.problems import Problem
from app.settings import get_settings


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


def subject(token: str) -> UUID:
    """Whose token it is; raises `jwt.InvalidTokenError` if it is not good."""
    settings = get_settings()
    claims = jwt.decode(
        token,
        load_key(settings.signing_key.get_secret_value()).public_key(),
        algorithms=[ALGORITHM],
        audience=settings.token_audience,
        issuer=settings.token_issuer,
        options={"require": ["exp", "iat", "sub", "jti"]},
    )
    return UUID(claims["sub"])


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def _authenticate(bearer: Bearer) -> UUID:
    try:
        return subject(bearer.credentials if bearer else "")
    except (jwt.InvalidTokenError, ValueError) as error:
        headers = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "A valid access token is needed.", headers=headers) from error


AccountId = Annotated[UUID, Depends(_authenticate)]
"""The account whose access token the request carries."""
