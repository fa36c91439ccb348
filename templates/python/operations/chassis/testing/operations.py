"""Requests for operations, whose functions are replaced."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx import AsyncClient, Response

from chassis.problems import Problem

REACHED = 418
"""Status of a request that would call the function of its operation."""


async def _reached(*_: object) -> None:
    raise Problem(REACHED, "The function would be called.")


def replace_functions(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setattr(f"app.operation_routes.run_{name}", _reached)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    """With `:id` in place of the id of a row."""
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    create: Callable[[AsyncClient], Awaitable[dict[str, Any]]] | None = None
    """Creates a row."""

    async def row_id(self, client: AsyncClient) -> str:
        return str((await self.create(client))["id"]) if self.create else ""

    async def send(
        self,
        client: AsyncClient,
        row_id: str,
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
    ) -> Response:
        """Send valid input, with additions."""
        return await client.request(
            self.method,
            self.path.replace(":id", row_id),
            params=self.query | (query or {}),
            json=(self.body | (body or {})) or None,
            headers=headers,
        )
