"""Requests that grow cost no more than they grow, and their answers stay small, on every route."""

from collections.abc import Callable
from time import process_time
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

SMALL, FACTOR = 150, 10
LARGEST_ANSWER = 8_000


def nested(n: int) -> str:
    return '{"item_id": ' + '[{"a": ' * n + "1" + "}]" * n + "}"


def sent(body: Any) -> dict[str, Any]:
    return {"json": body}


REQUESTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "keys": lambda n: sent({f"unknown_{number}": number for number in range(n)}),
    "length of a key": lambda n: sent({"x" * 20 * n: 1}),
    "length of a value": lambda n: sent({"item_id": "x" * 20 * n, "total": "9" * 10 * n}),
    "items": lambda n: sent({"item_id": list(range(n)), "total": ["x"] * n}),
    "depth": lambda n: {"content": nested(n), "headers": {"Content-Type": "application/json"}},
    "parameters": lambda n: {"params": {f"unknown_{number}": number for number in range(n)}},
    "length of a parameter": lambda n: {"params": {"sort": "x," * 3 * n, "item_id": "x" * 10 * n}},
    "a parameter many times": lambda n: {
        "params": {"item_id": ["x"] * n, "total_min": ["1e9"] * n}
    },
    "length of a header": lambda n: {
        "headers": {"If-Match": '"' * 20 * n, "traceparent": "x" * 20 * n}
    },
}


@pytest.mark.parametrize("growing", REQUESTS)
async def test_work_is_bounded_by_the_request(client: AsyncClient, growing: str) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for path in paths:
        target = path.replace("{order_id}", str(uuid4()))
        for method in paths[path]:
            await client.request(method, target, **REQUESTS[growing](1))
            small, large = [
                min([await cost(client, method, target, REQUESTS[growing](n)) for _ in range(2)])
                for n in (SMALL, SMALL * FACTOR)
            ]
            assert large < 3 * FACTOR * max(small, 0.005), (method, path, small, large)


async def cost(client: AsyncClient, method: str, target: str, request: dict[str, Any]) -> float:
    """Return the CPU seconds of a request."""
    start = process_time()
    response = await client.request(method, target, **request)
    spent = process_time() - start
    assert response.status_code < 500 or response.status_code == 501  # not implemented yet
    assert len(response.content) < LARGEST_ANSWER, (method, target, response.text[:200])
    return spent
