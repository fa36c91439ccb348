import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as new_rsa_key
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chassis import key_cache, keys, provider
from chassis.caller import current_caller
from chassis.settings import get_settings
from chassis.tokens import AccountId

check, verifying_key = provider.check, keys.verifying_key

EC, RSA = generate_private_key(SECP256R1()), new_rsa_key(65537, 2048)
ACCOUNT = "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c"


class Provider(HTTPServer):
    issuer = "https://sso.example.com/realms/acme"
    status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def content(self, path: str) -> dict[str, Any]:
        if path != "/keys":
            return {"issuer": self.issuer, "jwks_uri": f"{self.url}/keys"}
        return {
            "keys": [
                {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "ec"},
                {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
                {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "no", "use": "enc"},
            ]
        }


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.content(self.path)).encode())

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Return the provider that services use instead of the keys of other tests."""
    server = Provider(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.01]).start()
    monkeypatch.setenv("OPENID_CONFIGURATION_URL", f"{server.url}/.well-known/openid-configuration")
    monkeypatch.setattr(keys, "verifying_key", verifying_key)
    get_settings.cache_clear()
    yield server
    server.shutdown()
    server.server_close()


def token(key: Any = RSA, algorithm: str = "RS256", typ: str = "JWT", **claims: Any) -> str:
    now = datetime.now(UTC)
    usual = {
        "iss": get_settings().token_issuer,
        "aud": ["account", get_settings().token_audience],
        "sub": ACCOUNT,
        "iat": now,
        "exp": now + timedelta(minutes=5),
    }
    kid = "rsa" if algorithm[0] in "RP" else "ec"
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={"kid": kid, "typ": typ})


async def ask(application: FastAPI, token: str) -> tuple[int, Any]:
    @application.get("/whoami")
    async def whoami(account: AccountId) -> dict[str, Any]:
        caller = current_caller.get()
        return {"id": str(account), "roles": sorted(caller.roles) if caller else None}

    transport = ASGITransport(application)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    return response.status_code, response.json()


@pytest.mark.usefixtures("company")
async def test_tokens_of_the_provider_open_the_service(application: FastAPI) -> None:
    valid = token(realm_access={"roles": ["support", 1]})

    assert await ask(application, valid) == (200, {"id": ACCOUNT, "roles": ["support"]})
    assert (await ask(application, token(EC, "ES256", typ="at+jwt")))[0] == 200


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("claim", [None, "admin", {"roles": "admin"}, ["admin"]], ids=str)
async def test_a_token_without_a_list_of_roles_has_none(application: FastAPI, claim: Any) -> None:
    assert await ask(application, token(realm_access=claim, roles=["admin"])) == (
        200,
        {"id": ACCOUNT, "roles": []},
    )


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("subject", ["auth0|507f1f77bcf86cd799439011", ACCOUNT.upper(), "00u1"])
async def test_other_subjects_become_uuids(application: FastAPI, subject: str) -> None:
    derived = uuid5(uuid5(NAMESPACE_URL, "https://sso.example.com/realms/acme"), subject)

    assert (await ask(application, token(sub=subject)))[1]["id"] == str(derived)


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "account"},
        {"iss": "https://sso.example.com/realms/other"},
        {"exp": datetime.now(UTC) - timedelta(hours=1)},
        {"sub": None},
        {"typ": "logout+jwt"},
        {"key": new_rsa_key(65537, 2048)},
        {"key": "a secret that is long enough for HMAC", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
    ],
    ids=str,
)
async def test_other_tokens_are_refused(application: FastAPI, wrong: dict[str, Any]) -> None:
    assert (await ask(application, token(**wrong)))[0] == 401


async def test_the_check_fails_while_the_provider_is_unavailable(
    company: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.status = 503
    with pytest.raises(jwt.PyJWKClientConnectionError):
        await check()

    company.status = 200
    later = time.monotonic() + key_cache.RETRY_SECONDS
    monkeypatch.setattr(key_cache, "monotonic", lambda: later)
    await check()


async def test_the_document_of_another_issuer_is_refused(company: Provider) -> None:
    company.issuer = "https://sso.example.com/realms/other"
    with pytest.raises(jwt.PyJWKClientConnectionError, match="is of the issuer"):
        await check()
