from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import FastAPI
from httpx import AsyncClient

from chassis.context import actor
from chassis.testing.tokens import token
from chassis.tokens import AccountId

ACCOUNT = "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c"
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(autouse=True)
def whoami(application: FastAPI) -> None:
    @application.get("/whoami")
    async def whoami(account_id: AccountId) -> list[str | None]:
        return [str(account_id), *actor.get()]


async def ask(client: AsyncClient, authorization: str | None) -> tuple[int, str]:
    client.headers.pop("Authorization", None)
    headers = {"Authorization": authorization} if authorization else {}
    response = await client.get("/whoami", headers=headers)
    return response.status_code, response.headers.get("WWW-Authenticate", response.text)


async def test_valid_token_names_the_account(client: AsyncClient) -> None:
    assert await ask(client, f"Bearer {token(sub=ACCOUNT)}") == (
        200,
        f'["{ACCOUNT}","app_user","{ACCOUNT}"]',
    )


@pytest.mark.parametrize("authorization", [None, "Basic abc", "Bearer"])
async def test_token_is_needed(client: AsyncClient, authorization: str | None) -> None:
    assert await ask(client, authorization) == (401, "Bearer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": LONG_AGO},
        {"exp": None},
        {"aud": "others"},
        {"iss": "others"},
        {"sub": None},
        {"sub": "nobody"},
        {"key": generate_private_key(SECP256R1())},
        {"key": "a secret that is long enough for HMAC", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
    ],
    ids=str,
)
async def test_wrong_token_is_refused(client: AsyncClient, wrong: dict[str, Any]) -> None:
    assert await ask(client, f"Bearer {token(**wrong)}") == (401, 'Bearer error="invalid_token"')


async def test_nonsense_is_refused(client: AsyncClient) -> None:
    assert await ask(client, "Bearer a.b.c") == (401, 'Bearer error="invalid_token"')
