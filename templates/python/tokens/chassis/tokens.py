"""Access tokens: who makes a request."""

from functools import lru_cache
from time import time
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from jwt import PyJWK

from chassis import keys
from chassis.context import Actor, actor
from chassis.problems import Problem
from chassis.settings import get_settings

LEEWAY = 10
"""Seconds that clocks may differ."""

CACHED = 1024
"""Number of verified tokens that are kept."""


class AccessToken(SecurityBase):
    """Dependency that verifies a request's token and returns the account's id."""

    def __init__(self) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "accessToken"

    async def __call__(self, request: Request) -> UUID:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("An access token is needed.", "Bearer")
        try:
            account, expires = _verify(token, await keys.verifying_key(token))
            if expires + LEEWAY <= time():
                raise jwt.ExpiredSignatureError
        except jwt.PyJWKClientConnectionError as error:
            detail = "The keys that tokens are checked with are not available."
            raise Problem(503, detail, headers={"Retry-After": "5"}) from error
        except (jwt.PyJWTError, ValueError) as error:
            detail = "This access token is not valid."
            raise _unauthorized(detail, 'Bearer error="invalid_token"') from error
        actor.set(Actor("app_user", str(account)))
        return account


# A token is verified once with each key: keys that are fetched again are other objects.
@lru_cache(CACHED)
def _verify(token: str, key: PyJWK) -> tuple[UUID, float]:
    """Return the account and the end of a token."""
    settings = get_settings()
    claims = jwt.decode(
        token,
        key,
        algorithms=["ES256"],
        audience=settings.token_audience,
        issuer=settings.token_issuer,
        leeway=LEEWAY,
        options={"require": ["exp", "iat", "jti", "sub"]},
    )
    return UUID(claims["sub"]), claims["exp"]


guard = AccessToken()
AccountId = Annotated[UUID, Depends(guard)]


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})
