"""Claims of access tokens that the auth service issues."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jwt import InvalidTokenError

from chassis.caller import Caller

ALGORITHMS = ["ES256"]
REQUIRED = ["exp", "iat", "jti", "sub"]


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Return a service, which is client and subject of its tokens (RFC 9068), or an account."""
    subject = claims["sub"]
    if claims.get("client_id") == subject:
        return Caller(service=subject)
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidTokenError("roles must be a list of strings")
    return Caller(UUID(subject), frozenset(roles))
