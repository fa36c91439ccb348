"""Fixtures for accounts."""

import pytest
from argon2 import PasswordHasher

from app.auth import passwords
from chassis import keys

own_key = keys.verifying_key


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)


@pytest.fixture
def real_tokens(known_key: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Tokens are checked with the service's own key, rather than that of other tests."""
    monkeypatch.setattr(keys, "verifying_key", own_key)
