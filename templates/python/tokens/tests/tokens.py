"""Access tokens for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey as PublicKey

from chassis import keys
from chassis.settings import get_settings

KEY = generate_private_key(SECP256R1())


def token(*, key: Any = KEY, algorithm: str = "ES256", **claims: Any) -> str:
    """Valid, but for what is said otherwise; a claim that is None is left out."""
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


@pytest.fixture(autouse=True)
def known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async def verifying_key(_token: str) -> PublicKey:
        return KEY.public_key()

    monkeypatch.setattr(keys, "verifying_key", verifying_key)


@pytest.fixture
def headers(fresh: None) -> dict[str, str]:  # noqa: ARG001
    return {"Authorization": f"Bearer {token()}"}
