"""Access tokens: who makes a request."""

from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis import keys
from chassis.context import Actor, actor
from chassis.problems import Problem
from chassis.settings import get_settings

LEEWAY = 10
"""Seconds that clocks may differ."""

Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="accessToken")),
]


async def guard(bearer: Bearer) -> UUID:
    """The account whose valid token the request carries."""
    if not bearer:
        raise _unauthorized("An access token is needed.", "Bearer")
    settings = get_settings()
    try:
        claims = jwt.decode(
            bearer.credentials,
            await keys.verifying_key(bearer.credentials),
            algorithms=["ES256"],
            audience=settings.token_audience,
            issuer=settings.token_issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "jti", "sub"]},
        )
        account = UUID(claims["sub"])
    except jwt.PyJWKClientConnectionError as error:
        detail = "The keys that tokens are checked with are not available."
        raise Problem(503, detail, headers={"Retry-After": "5"}) from error
    except (jwt.PyJWTError, ValueError) as error:
        detail = "This access token is not valid."
        raise _unauthorized(detail, 'Bearer error="invalid_token"') from error
    actor.set(Actor("app_user", str(account)))
    return account


AccountId = Annotated[UUID, Depends(guard)]


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})
