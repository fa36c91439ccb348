"""In-memory fake of Eureka's HTTP API."""

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
        self.renewals = 0
        self.up: list[tuple[str, int]] = []
        self.ready = 200
        """Status code of the instance's health check."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/health/ready":
            return httpx.Response(self.ready)
        if not self.running:
            raise httpx.ConnectError("refused")
        match request.method, *request.url.path.removeprefix("/eureka/apps/").split("/"):
            case "POST", _:
                instance = json.loads(request.content)["instance"]
                self.registered[instance["instanceId"]] = instance | {"overriddenStatus": "UNKNOWN"}
                return httpx.Response(204)
            case "PUT", _, instance:
                self.renewals += 1
                return httpx.Response(200 if instance in self.registered else 404)
            case "DELETE", _, instance:
                self.registered.pop(instance, None)
                return httpx.Response(200)
            case "GET", _, instance:
                return self.answer(instance=self.registered.get(instance))
        found = [
            {"status": "UP", "ipAddr": host, "port": {"$": port, "@enabled": "true"}}
            for host, port in self.up
        ]
        dead = {"status": "DOWN", "ipAddr": "10.0.0.9", "port": {"$": 8000}}
        return self.answer(application={"instance": [*found, dead]} if found else None)

    def answer(self, **body: object) -> httpx.Response:
        status = 200 if all(body.values()) else 404
        return httpx.Response(status, json=body, extensions={"network_stream": Stream()})

    def statuses(self) -> list[str]:
        return [instance["status"] for instance in self.registered.values()]

    def has(self, *up: tuple[str, int]) -> None:
        """Set the instances, of every service, that are up."""
        self.up = list(up)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Registry:
    eureka = Registry()
    transport = httpx.MockTransport(eureka)
    monkeypatch.setattr(
        registry,
        "connect",
        lambda: httpx.AsyncClient(transport=transport, base_url="http://eureka:8761/eureka"),
    )
    monkeypatch.setattr(registry, "RENEWAL_SECONDS", 0.01)
    return eureka
