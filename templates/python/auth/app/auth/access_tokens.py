"""Access tokens: short-lived, signed, checked by everybody with the public key alone."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, Request

from app.auth.models import Account
from chassis.settings import get_settings
from chassis.signing_keys import ALGORITHM, load_key, public_jwk


def issue(account: Account, session_id: UUID, issued_at: datetime) -> str:
    roles = {"roles": account.roles} if account.roles else {}
    return sign(str(account.id), issued_at, sid=str(session_id), **roles)


def sign(subject: str, issued_at: datetime, **further: Any) -> str:  # noqa: ANN401 - JSON
    """Return a token of an account or a service."""
    settings = get_settings()
    key = load_key(settings.signing_key.get_secret_value())
    claims = further | {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": subject,
        "iat": issued_at,
        "exp": issued_at + timedelta(seconds=settings.access_token_seconds),
        "jti": str(uuid4()),
    }
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": public_jwk(key)["kid"]})


def _session_id(request: Request) -> UUID | None:
    """Return the session of the request's token, which is verified; older tokens have none."""
    _, _, token = request.headers["Authorization"].partition(" ")
    session_id = jwt.decode(token, options={"verify_signature": False}).get("sid")
    return UUID(session_id) if session_id else None


SessionId = Annotated[UUID | None, Depends(_session_id)]
