"""What this instance tells Consul, and how it is asked whether it is well.

Plain HTTP, as all that is needed of Consul's API is three requests.
"""

from uuid import uuid4

import httpx
import structlog
from fastapi import APIRouter, Response

from chassis import SERVICE, health
from chassis.problems import Problem
from chassis.settings import get_settings

INSTANCE = f"{SERVICE}-{uuid4()}"
PORT = 8000
CHECK = {"Interval": "5s", "Timeout": "3s", "DeregisterCriticalServiceAfter": "1m"}
"""How Consul asks whether it is ready, and when it forgets an instance that never is."""
RENEWAL_SECONDS = 5.0
"""How often it is made sure that it is registered: a Consul that was restarted knows nobody."""
TIMEOUT = 3.0

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()


@router.get("/health/ready/{instance}")
async def ready(instance: str, response: Response) -> health.Health:
    """Says so for itself only: an address may have been that of another one, which is gone."""
    if instance != INSTANCE:
        raise Problem(404, "This is another instance.")
    return await health.ready(response)


def connect() -> httpx.AsyncClient:
    settings = get_settings()
    headers = {"X-Consul-Token": settings.consul_http_token}
    return httpx.AsyncClient(base_url=str(settings.consul_url), headers=headers, timeout=TIMEOUT)


async def register(client: httpx.AsyncClient) -> None:
    known = await client.get(f"/v1/agent/service/{INSTANCE}")
    if known.is_success:
        return
    # The address from which it reaches Consul is the one at which it can be reached from there.
    host = known.extensions["network_stream"].get_extra_info("client_addr")[0]
    url = httpx.URL(scheme="http", host=host, port=PORT, path=f"/health/ready/{INSTANCE}")
    registration = {
        "ID": INSTANCE,
        "Name": SERVICE,
        "Address": host,
        "Port": PORT,
        "Check": {"HTTP": str(url), **CHECK},
    }
    answer = await client.put("/v1/agent/service/register", json=registration)
    answer.raise_for_status()
    log.info("registered", instance=INSTANCE, address=host)


async def deregister(client: httpx.AsyncClient) -> None:
    await client.put(f"/v1/agent/service/deregister/{INSTANCE}")
