import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import AsyncMock, Mock

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import Depends, FastAPI
from httpx import AsyncClient
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from chassis import keys, tokens
from chassis.caller import account_id, current_caller
from chassis.context import actor, authorization
from chassis.testing.tokens import token
from chassis.tokens import PUBLIC, AccountId, guard

ACCOUNT = "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c"
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(autouse=True)
def whoami(application: FastAPI) -> None:
    @application.get("/whoami")
    async def whoami(account_id: AccountId) -> list[str | None]:
        return [str(account_id), *actor.get()]

    @application.get("/roles", dependencies=[Depends(guard)], openapi_extra=PUBLIC)
    async def roles() -> list[str] | None:
        caller = current_caller.get()
        return caller and sorted(caller.roles) if account_id() else None


async def ask(
    client: AsyncClient, authorization: str | None, path: str = "/whoami"
) -> tuple[int, str]:
    client.headers.pop("Authorization", None)
    headers = {"Authorization": authorization} if authorization else {}
    response = await client.get(path, headers=headers)
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
        {"roles": "admin"},
        {"roles": [1]},
        {"key": generate_private_key(SECP256R1())},
        {"key": "a secret that is long enough for HMAC", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
    ],
    ids=str,
)
async def test_wrong_token_is_refused(client: AsyncClient, wrong: dict[str, Any]) -> None:
    assert await ask(client, f"Bearer {token(**wrong)}") == (401, 'Bearer error="invalid_token"')


async def test_a_token_is_verified_once(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = Mock(wraps=jwt.decode)
    monkeypatch.setattr(jwt, "decode", decoded)
    authorization = f"Bearer {token()}"

    for _ in range(3):
        assert (await ask(client, authorization))[0] == 200

    assert decoded.call_count == 1


async def test_a_verified_token_ends(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    authorization = f"Bearer {token(exp=datetime.now(UTC) + timedelta(seconds=60))}"
    assert (await ask(client, authorization))[0] == 200

    now = time.time()
    monkeypatch.setattr(tokens, "time", lambda: now + 60 + tokens.LEEWAY + 1)
    assert await ask(client, authorization) == (401, 'Bearer error="invalid_token"')


async def test_a_verified_token_ends_with_its_key(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorization = f"Bearer {token()}"
    assert (await ask(client, authorization))[0] == 200

    other = ECAlgorithm.to_jwk(generate_private_key(SECP256R1()).public_key(), as_dict=True)
    monkeypatch.setattr(keys, "verifying_key", AsyncMock(return_value=PyJWK(other)))
    assert (await ask(client, authorization))[0] == 401


async def test_the_number_of_kept_tokens_is_bounded(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tokens._verify.cache_parameters()["maxsize"] == tokens.CACHED
    monkeypatch.setattr(jwt, "decode", Mock(return_value={"sub": ACCOUNT, "iat": 1, "exp": 2**40}))
    for number in range(tokens.CACHED + 10):
        await ask(client, f"Bearer made-up-{number}")
    assert tokens._verify.cache_info().currsize == tokens.CACHED


async def test_nonsense_is_refused(client: AsyncClient) -> None:
    assert await ask(client, "Bearer a.b.c") == (401, 'Bearer error="invalid_token"')


async def test_a_token_has_roles(client: AsyncClient) -> None:
    assert await ask(client, f"Bearer {token(roles=['b', 'a'])}", "/roles") == (200, '["a","b"]')
    assert await ask(client, f"Bearer {token()}", "/roles") == (200, "[]")


async def test_a_public_route_needs_no_token(client: AsyncClient) -> None:
    assert await ask(client, None, "/roles") == (200, "null")
    assert (await ask(client, "Bearer a.b.c", "/roles"))[0] == 401
    assert (await ask(client, "Basic abc", "/roles"))[0] == 401


async def test_the_token_of_a_public_route_is_optional_in_openapi(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert paths["/whoami"]["get"]["security"] == [{"accessToken": []}]
    assert {} in paths["/roles"]["get"]["security"]


async def test_revoked_tokens_are_refused(application: FastAPI, client: AsyncClient) -> None:
    issued = datetime.now(UTC).replace(microsecond=0)
    old, new = (f"Bearer {token(sub=ACCOUNT, iat=issued + timedelta(seconds=n))}" for n in (0, 1))
    assert (await ask(client, old))[0] == 200

    account_hash = sha256(ACCOUNT.encode()).hexdigest()
    application.state.revoked = {account_hash: int(issued.timestamp())}

    assert await ask(client, old) == (401, 'Bearer error="invalid_token"')
    assert (await ask(client, new))[0] == 200
    assert (await ask(client, f"Bearer {token()}"))[0] == 200


async def test_a_service_that_calls_this_one_is_not_an_account(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "CALLING_SERVICES", ("bills",))
    service = f"Bearer {token(sub='bills', client_id='bills', roles=['admin'])}"
    assert await ask(client, service, "/roles") == (200, "null")
    assert (await ask(client, service))[0] == 403


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"sub": "stock", "client_id": "stock"}, 403),
        ({"sub": "bills"}, 401),
        ({"sub": "bills", "client_id": "stock"}, 401),
        ({"sub": ACCOUNT, "client_id": "bills"}, 200),
    ],
)
async def test_only_the_token_of_a_calling_service_is_that_of_one(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str], status: int
) -> None:
    monkeypatch.setattr(tokens, "CALLING_SERVICES", ("bills",))
    found, _ = await ask(client, f"Bearer {token(**claims)}", "/roles")
    assert found == status


async def test_calls_for_a_service_are_those_of_this_one(
    client: AsyncClient, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "CALLING_SERVICES", ("bills",))

    @application.get("/passed-on", dependencies=[Depends(guard)])
    async def passed_on() -> str | None:
        return authorization.get()

    user = f"Bearer {token()}"
    assert await ask(client, user, "/passed-on") == (200, f'"{user}"')
    service = f"Bearer {token(sub='bills', client_id='bills')}"
    assert await ask(client, service, "/passed-on") == (200, "null")
