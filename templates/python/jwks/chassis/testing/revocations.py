"""No token is revoked, and no test asks the auth service."""

import pytest

from chassis import keys


@pytest.fixture(autouse=True)
def no_revocations(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch_revocations() -> dict[str, int]:
        return {}

    monkeypatch.setattr(keys, "fetch_revocations", fetch_revocations)
