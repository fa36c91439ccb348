import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

from chassis import keys
from chassis.settings import get_settings

KEY = generate_private_key(SECP256R1())
verifying_key = keys.verifying_key


class KeyServer(HTTPServer):
    asked = 0


class Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        jwk = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        body = json.dumps({"keys": [{**jwk, "kid": "one", "use": "sig"}]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


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


async def test_key_is_fetched_once(auth_service: KeyServer) -> None:
    for _ in range(3):
        assert (await verifying_key(signed("one"))).key_id == "one"

    assert auth_service.asked == 1


async def test_unknown_keys_are_not_asked_for_all_the_time(auth_service: KeyServer) -> None:
    for number in range(5):
        with pytest.raises(jwt.PyJWKClientError):
            await verifying_key(signed(f"made up {number}"))

    assert auth_service.asked == 1


async def test_says_when_the_auth_service_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWKS_URL", "http://127.0.0.1:9/jwks.json")
    get_settings.cache_clear()

    with pytest.raises(jwt.PyJWKClientConnectionError):
        await verifying_key(signed("one"))
