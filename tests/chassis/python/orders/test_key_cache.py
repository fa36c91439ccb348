import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

from chassis import key_cache as keys
from chassis.keys import verifying_key
from chassis.settings import get_settings

KEY = generate_private_key(SECP256R1())


class KeyServer(HTTPServer):
    asked = 0
    status = 200
    key_ids: tuple[str, ...] = ("one",)


class Clock:
    now = 1_000_000.0


class Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        jwk = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        keys = [{**jwk, "kid": key_id, "use": "sig"} for key_id in self.server.key_ids]
        body = json.dumps({"keys": keys}).encode()
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def auth_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    server = KeyServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.01]).start()
    monkeypatch.setenv("JWKS_URL", f"http://127.0.0.1:{server.server_port}/jwks.json")
    get_settings.cache_clear()
    yield server
    server.shutdown()
    server.server_close()


def signed(kid: str) -> str:
    return jwt.encode({}, KEY, "ES256", headers={"kid": kid})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(keys, "monotonic", lambda: clock.now)
    return clock


async def test_requests_share_one_fetch(auth_service: KeyServer) -> None:
    found = await asyncio.gather(*(verifying_key(signed("one")) for _ in range(3)))

    assert {key.key_id for key in found} == {"one"}
    assert auth_service.asked == 1


async def test_unknown_keys_cause_one_fetch(auth_service: KeyServer, clock: Clock) -> None:
    await verifying_key(signed("one"))
    clock.now += keys.COOLDOWN_SECONDS
    for number in range(5):
        with pytest.raises(jwt.PyJWKClientError, match="unknown key"):
            await verifying_key(signed(f"made up {number}"))

    assert auth_service.asked == 2


async def test_a_new_key_is_fetched(auth_service: KeyServer, clock: Clock) -> None:
    await verifying_key(signed("one"))
    auth_service.key_ids = ("two", "one")
    clock.now += keys.COOLDOWN_SECONDS

    assert (await verifying_key(signed("two"))).key_id == "two"


async def test_old_keys_are_refreshed_in_the_background(
    auth_service: KeyServer, clock: Clock
) -> None:
    await verifying_key(signed("one"))
    auth_service.key_ids = ("two",)
    clock.now += keys.FRESH_SECONDS

    assert (await verifying_key(signed("one"))).key_id == "one"
    await asyncio.sleep(0.2)
    assert auth_service.asked == 2
    assert (await verifying_key(signed("two"))).key_id == "two"
    with pytest.raises(jwt.PyJWKClientError, match="unknown key"):
        await verifying_key(signed("one"))


async def test_keys_are_kept_for_a_day_while_auth_is_unavailable(
    auth_service: KeyServer, clock: Clock
) -> None:
    await verifying_key(signed("one"))
    auth_service.status = 503
    for _ in range(2):
        clock.now += keys.KEPT_SECONDS / 2 - 1
        assert (await verifying_key(signed("one"))).key_id == "one"
    with pytest.raises(jwt.PyJWKClientConnectionError):
        await verifying_key(signed("two"))
    clock.now += 2

    with pytest.raises(jwt.PyJWKClientConnectionError):
        await verifying_key(signed("one"))


async def test_recovers_within_a_second_after_a_failed_start(
    auth_service: KeyServer, clock: Clock
) -> None:
    auth_service.status = 503
    for _ in range(3):
        with pytest.raises(jwt.PyJWKClientConnectionError):
            await verifying_key(signed("one"))
    assert auth_service.asked == 1
    auth_service.status = 200
    clock.now += keys.RETRY_SECONDS

    assert (await verifying_key(signed("one"))).key_id == "one"
