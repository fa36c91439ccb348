import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from chassis import keys, revocations
from chassis.settings import get_settings

fetch_revocations = keys.fetch_revocations


class AuthService(HTTPServer):
    body = b'{"revoked": {"hash": 7}}'


class Handler(BaseHTTPRequestHandler):
    server: AuthService

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/.well-known/revoked.json" else 404)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing."""


@pytest.fixture
def auth_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthService]:
    server = AuthService(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.01]).start()
    url = f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"
    monkeypatch.setenv("JWKS_URL", url)
    get_settings.cache_clear()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("auth_service")
async def test_revocations_are_beside_the_keys() -> None:
    assert await fetch_revocations() == {"hash": 7}


async def test_the_size_of_the_list_is_bounded(
    auth_service: AuthService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MAX_REVOCATIONS_SIZE", len(auth_service.body) - 1)

    with pytest.raises(ValidationError):
        await fetch_revocations()


async def test_the_last_list_is_kept_while_auth_is_unavailable(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "POLL_SECONDS", 0.001)
    lists = iter([{"hash": 1}])
    failed_twice = asyncio.Event()
    failures = 0

    async def find() -> dict[str, int]:
        nonlocal failures
        if found := next(lists, None):
            return found
        failures += 1
        if failures > 1:
            failed_twice.set()
        raise OSError

    async with revocations.polling(app, find), asyncio.timeout(5):
        await failed_twice.wait()

    assert revocations.is_revoked("hash", 1)
    assert not revocations.is_revoked("hash", 2)
    assert not revocations.is_revoked("other", 1)
