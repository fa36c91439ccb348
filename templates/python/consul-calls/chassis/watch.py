"""What Consul knows of other services' instances."""

from collections.abc import AsyncIterator

import httpx

WAIT_SECONDS = 30
"""How long Consul keeps a question open for which it has nothing new."""


async def watch(client: httpx.AsyncClient, service: str) -> AsyncIterator[list[tuple[str, int]]]:
    """Where the instances are that are well: now, and whenever that changes."""
    path = f"/v1/health/service/{service}"
    index = "0"
    while True:
        query = {"passing": "true", "index": index, "wait": f"{WAIT_SECONDS}s"}
        answer = await client.get(path, params=query, timeout=2 * WAIT_SECONDS)
        answer.raise_for_status()
        yield [(i["Service"]["Address"], i["Service"]["Port"]) for i in answer.json()]
        index = answer.headers["X-Consul-Index"]
