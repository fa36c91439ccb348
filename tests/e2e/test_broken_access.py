"""Attack the access control of the shop, following OWASP's API Security Top 10 (2023)."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from . import journey
from .conftest import System


@dataclass(frozen=True)
class Victim:
    account: journey.Account
    user: str
    order: str


@pytest.fixture(scope="module")
def victim(shop: System) -> Victim:
    with httpx.Client(base_url=shop.url, timeout=20) as client:
        account = journey.log_in(client)
        user = journey.user(client)
        order = client.post("/orders", json=journey.ORDER).raise_for_status().json()["id"]
    return Victim(account, user, order)


@pytest.fixture(scope="module")
def attacker(shop: System) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, timeout=20) as client:
        journey.log_in(client)
        journey.user(client)
        yield client


def test_rows_of_others_do_not_exist(attacker: httpx.Client, victim: Victim) -> None:
    for path in (f"/orders/{victim.order}", f"/users/{victim.user}"):
        assert attacker.get(path).status_code == 404
        assert attacker.patch(path, json={}).status_code == 404
        assert attacker.delete(path).status_code == 404
    for query in ({}, {"user_id": victim.user}, {"sort": "user_id"}):
        listed = attacker.get("/orders", params=query).raise_for_status().json()
        assert victim.order not in [order["id"] for order in listed["items"]]
        assert listed["total"] == len(listed["items"])
    assert attacker.get("/users").status_code == 403


def test_nothing_makes_an_account_the_owner_or_an_admin(attacker: httpx.Client, victim: Victim) -> None:
    assert attacker.post("/orders", json=journey.ORDER | {"user_id": victim.user}).status_code == 422
    own = attacker.post("/orders", json=journey.ORDER).raise_for_status().json()
    assert attacker.patch(f"/orders/{own['id']}", json={"user_id": victim.user}).status_code == 422
    paid = attacker.patch(f"/orders/{own['id']}", json={"status": "paid"})
    assert (paid.status_code, paid.json()["errors"][0]["field"]) == (403, "body.status")
    assert attacker.post("/orders", json=journey.ORDER | {"status": "paid"}).status_code == 403
    body = {"email": f"{uuid4().hex}@example.com", "password": journey.PASSWORD, "name": "Ada", "roles": ["admin"]}
    assert attacker.post("/auth/register", json=body).status_code == 422


def test_functions_of_admins_are_for_admins(attacker: httpx.Client, victim: Victim) -> None:
    account = f"/auth/accounts/{victim.user}"
    assert attacker.get(account).status_code == 403
    assert attacker.get("/auth/accounts", params={"email": victim.account.email}).status_code == 403
    assert attacker.put(f"{account}/roles", json={"roles": ["admin"]}).status_code == 403
    assert attacker.put(f"{account}/lock", json={"locked": True}).status_code == 403
    assert attacker.get("/analytics/stats").status_code == 403


def test_forged_tokens_open_nothing(shop: System, attacker: httpx.Client, victim: Victim) -> None:
    token = attacker.headers["Authorization"].removeprefix("Bearer ")
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    key = generate_private_key(SECP256R1())
    of_admin = claims | {"roles": ["admin", "support"], "sub": victim.user}

    def unsigned(algorithm: str) -> str:
        parts = (json.dumps(part).encode() for part in (header | {"alg": algorithm}, of_admin))
        return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])

    _, payload, signature = token.split(".")
    forged = {
        "no algorithm": unsigned("none"),
        "another key": jwt.encode(of_admin, key, "ES256", headers={"kid": header["kid"]}),
        "another key id": jwt.encode(of_admin, key, "ES256", headers={"kid": "mine"}),
        "a shared secret": jwt.encode(of_admin, "x" * 32, "HS256", headers={"kid": header["kid"]}),
        "other claims": f"{unsigned('ES256').rpartition('.')[0]}.{signature}",
        "another audience": jwt.encode(of_admin | {"aud": "other"}, key, "ES256", headers={"kid": header["kid"]}),
        "expired": jwt.encode(of_admin | {"exp": int(time.time()) - 60}, key, "ES256", headers={"kid": header["kid"]}),
        "no signature": f"{token.rpartition('.')[0]}.",
    }
    assert payload
    for kind, bad in forged.items():
        for path in ("/orders", "/auth/me"):
            got = httpx.get(f"{shop.url}{path}", headers={"Authorization": f"Bearer {bad}"}).status_code
            assert got == 401, f"{kind}: {got}"
    for path in ("/orders", "/users", "/auth/me", "/auth/accounts", "/auth/sessions", "/analytics/stats"):
        assert httpx.get(f"{shop.url}{path}").status_code == 401, path


def test_the_token_of_a_service_opens_its_calls_only(shop: System) -> None:
    """The gateway refuses it; users accept it from orders, whose call it is, and orders from nobody."""
    token = own_token(shop)
    assert ask_inside(shop, "users", "/users", token) == 200
    assert ask_inside(shop, "orders", "/orders", token) == 403
    assert ask_inside(shop, "auth", "/auth/me", token) == 403
    assert ask_inside(shop, "analytics", "/analytics/stats", token) == 403
    for path in ("/users", "/orders", "/auth/me"):
        assert httpx.get(f"{shop.url}{path}", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert httpx.post(f"{shop.url}/auth/token", auth=("orders", "wrong")).status_code in (401, 404)


def own_token(shop: System) -> str:
    """Return the token that orders gets with its own credentials, in its container."""
    code = (
        "import asyncio, httpx\nfrom chassis.service_token import ServiceToken\n"
        "async def main():\n"
        "    async with httpx.AsyncClient() as client:\n"
        "        print(await ServiceToken(client).get())\n"
        "asyncio.run(main())"
    )
    return shop.compose("exec", "-T", "orders", "python", "-c", code).strip().splitlines()[-1]


def ask_inside(shop: System, service: str, path: str, token: str) -> int:
    """Return the status of a request from orders to a service, past the gateway."""
    code = (
        "import httpx\n"
        f"headers = {{'Authorization': 'Bearer {token}'}}\n"
        f"print(httpx.get('http://{service}:8000{path}', headers=headers).status_code)"
    )
    return int(shop.compose("exec", "-T", "orders", "python", "-c", code).strip().splitlines()[-1])


def test_roles_and_locks_take_effect_within_a_minute(shop: System) -> None:
    with (
        httpx.Client(base_url=shop.url, timeout=20) as admin,
        httpx.Client(base_url=shop.url, timeout=20) as client,
    ):
        journey.log_in_admin(admin, lambda *command: shop.compose("exec", "-T", "auth", *command))
        account = journey.log_in(client)
        user = journey.user(client)
        admin.put(f"/auth/accounts/{user}/roles", json={"roles": ["support"]}).raise_for_status()
        assert eventually(lambda: client.get("/orders").status_code == 401) < 60  # of its old token
        login = {"email": account.email, "password": journey.PASSWORD}
        token = client.post("/auth/login", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.get("/users").status_code == 200

        admin.put(f"/auth/accounts/{user}/lock", json={"locked": True}).raise_for_status()
        assert eventually(lambda: client.get("/orders").status_code == 401) < 60
        assert client.post("/auth/login", json=login).status_code == 403


def eventually(check) -> float:
    start = time.monotonic()
    while not check():
        assert time.monotonic() - start < 90
        time.sleep(1)
    return time.monotonic() - start
