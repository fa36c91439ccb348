"""Fake of other services: every resource exists except `MISSING`."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from tenacity import wait_none

from chassis import rest

MISSING = UUID(int=0)
"""Id of a resource that does not exist."""


class Remote:
    """Responds to calls and records them."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = everything

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


def everything(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404 if request.url.path.endswith(str(MISSING)) else 200, json={})


@pytest.fixture(autouse=True)
def remote(monkeypatch: pytest.MonkeyPatch) -> Remote:
    remote = Remote()
    transport = httpx.MockTransport(remote)
    monkeypatch.setattr(rest, "connect", lambda: rest.Connections(transport))
    monkeypatch.setattr(rest, "WAIT", wait_none())
    return remote
