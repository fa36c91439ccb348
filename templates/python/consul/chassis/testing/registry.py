"""In-memory fake of Consul's HTTP API."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from chassis import registry

ADDRESS = "10.0.0.7"


class Stream:
    def get_extra_info(self, _name: str) -> tuple[str, int]:
        return ADDRESS, 40000


class Registry:
    def __init__(self) -> None:
        self.running = True
        self.registered: dict[str, dict[str, Any]] = {}
        self.passing: list[tuple[str, int]] = []
        self.index = 1

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if not self.running:
            raise httpx.ConnectError("refused")
        extensions = {"network_stream": Stream()}
        match request.url.path.split("/")[2:]:
            case ["agent", "service", "register"]:
                body = json.loads(request.content)
                self.registered[body["ID"]] = body
                return httpx.Response(200)
            case ["agent", "service", "deregister", instance]:
                self.registered.pop(instance, None)
                return httpx.Response(200)
            case ["agent", "service", instance]:
                found = instance in self.registered
                return httpx.Response(200 if found else 404, extensions=extensions)
            case ["health", "service", _]:
                return await self.healthy(request.url.params)
        return httpx.Response(404)

    async def healthy(self, query: httpx.QueryParams) -> httpx.Response:
        """Respond once something is new."""
        while query["index"] == str(self.index):  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.005)
        found = [{"Service": {"Address": host, "Port": port}} for host, port in self.passing]
        return httpx.Response(200, json=found, headers={"X-Consul-Index": str(self.index)})

    def has(self, *passing: tuple[str, int]) -> None:
        """Set the instances, of every service, that pass their checks."""
        self.passing = list(passing)
        self.index += 1


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Registry:
    consul = Registry()
    transport = httpx.MockTransport(consul)
    monkeypatch.setattr(
        registry,
        "connect",
        lambda: httpx.AsyncClient(transport=transport, base_url="http://consul:8500"),
    )
    monkeypatch.setattr(registry, "RENEWAL_SECONDS", 0.01)
    return consul
