"""Access tokens for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from chassis import keys
from chassis.settings import get_settings

KEY = generate_private_key(SECP256R1())
PUBLIC_KEY = PyJWK(ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True))


def token(*, key: Any = KEY, algorithm: str = "ES256", **claims: Any) -> str:
    """Return a token that is valid but for the given claims; None leaves a claim out."""
    settings = get_settings()
    now = datetime.now(UTC)
    usual = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(uuid4()),
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "jti": str(uuid4()),
    }
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm)


def bearer(**claims: Any) -> dict[str, str]:
    """Return the headers of a caller; without an account's id (`sub`), of a new one."""
    return {"Authorization": f"Bearer {token(**claims)}"}


@pytest.fixture(autouse=True)
def known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async def verifying_key(_token: str) -> PyJWK:
        return PUBLIC_KEY

    monkeypatch.setattr(keys, "verifying_key", verifying_key)


@pytest.fixture
def headers(fresh: None) -> dict[str, str]:  # noqa: ARG001
    return {"Authorization": f"Bearer {token()}"}
