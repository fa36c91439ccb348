"""Access tokens: who makes a request."""

from functools import lru_cache
from hashlib import sha256
from time import time
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import jwt
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from jwt import PyJWK

from chassis import keys, revocations
from chassis.caller import CALLING_SERVICES, Caller, current_caller, denied, unauthorized
from chassis.context import Actor, actor, authorization
from chassis.problems import Problem
from chassis.settings import get_settings

LEEWAY = 10
"""Seconds that clocks may differ."""

CACHED = 1024
"""Number of verified tokens that are kept."""

PUBLIC: dict[str, Any] = {"security": [{}]}
"""`openapi_extra` of a route that needs no token. A token that is sent must be valid."""


class AccessToken(SecurityBase):
    """Dependency that verifies a request's token and returns the id of its account.

    None for a service, and without a token, which only public routes accept.
    """

    def __init__(self) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "accessToken"

    async def __call__(self, request: Request) -> UUID | None:
        header = request.headers.get("Authorization", "")
        if not header and request.scope["route"].openapi_extra is PUBLIC:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("An access token is needed.", "Bearer")
        try:
            verified = _verify(token, await keys.verifying_key(token))
            if verified.expires_at + LEEWAY <= time():
                raise jwt.ExpiredSignatureError
            if revocations.is_revoked(verified.account_hash, verified.issued_at):
                raise jwt.InvalidTokenError
        except jwt.PyJWKClientConnectionError as error:
            detail = "The keys that tokens are checked with are not available."
            raise Problem(503, detail, headers={"Retry-After": "5"}) from error
        except (jwt.PyJWTError, ValueError) as error:
            detail = "This access token is not valid."
            raise unauthorized(detail, 'Bearer error="invalid_token"') from error
        caller = verified.caller
        current_caller.set(caller)
        if caller.service is None:
            actor.set(Actor("app_user", str(caller.id)))
        else:
            actor.set(Actor("service_account", caller.service))
            if caller.service not in CALLING_SERVICES:
                raise denied(request.method, request.scope["route"].path)
            authorization.set(None)  # calls of this service are its own
        return caller.id


class _Verified(NamedTuple):
    caller: Caller
    account_hash: str
    issued_at: float
    expires_at: float


# A token is verified once with each key: keys that are fetched again are other objects.
@lru_cache(CACHED)
def _verify(token: str, key: PyJWK) -> _Verified:
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
    subject = claims["sub"]
    if claims.get("client_id") == subject:  # as RFC 9068 identifies a client without a user
        return _Verified(Caller(service=subject), "", claims["iat"], claims["exp"])
    account = UUID(subject)
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise jwt.InvalidTokenError("roles must be a list of strings")
    account_hash = sha256(str(account).encode()).hexdigest()
    return _Verified(Caller(account, frozenset(roles)), account_hash, claims["iat"], claims["exp"])


guard = AccessToken()


async def _account_id(request: Request, account: Annotated[UUID | None, Depends(guard)]) -> UUID:
    if account is None:
        raise denied(request.method, request.scope["route"].path)
    return account


AccountId = Annotated[UUID, Depends(_account_id)]
"""Id of the caller's account; services are refused."""
