"""Claims of access tokens that the auth service issues."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jwt import InvalidTokenError

ALGORITHMS = ["ES256"]
REQUIRED = ["exp", "iat", "jti", "sub"]


def account_of(claims: Mapping[str, Any]) -> UUID:
    return UUID(claims["sub"])


def roles_of(claims: Mapping[str, Any]) -> frozenset[str]:
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidTokenError("roles must be a list of strings")
    return frozenset(roles)
