"""Registration of this instance in Consul, which health-checks it.

Plain HTTP, because three requests of Consul's API are enough.
"""

from uuid import uuid4

import httpx
import structlog
from fastapi import APIRouter, Request, Response

from chassis import SERVICE, health
from chassis.problems import Problem
from chassis.settings import get_settings

INSTANCE = f"{SERVICE}-{uuid4()}"
PORT = 8000
CHECK = {"Interval": "5s", "Timeout": "3s", "DeregisterCriticalServiceAfter": "1m"}
"""Health check, and time after which a failing instance is deregistered."""
RENEWAL_SECONDS = 5.0
"""Interval of registration: Consul loses instances when it restarts."""
TIMEOUT = 3.0

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()


@router.get("/health/ready/{instance}")
async def ready(instance: str, request: Request, response: Response) -> health.Health:
    """Respond for this instance only: its address may have belonged to an earlier one."""
    if instance != INSTANCE:
        raise Problem(404, "This is another instance.")
    return await health.ready(request, response)


def connect() -> httpx.AsyncClient:
    settings = get_settings()
    headers = {"X-Consul-Token": settings.consul_http_token}
    return httpx.AsyncClient(base_url=str(settings.consul_url), headers=headers, timeout=TIMEOUT)


async def register(client: httpx.AsyncClient) -> None:
    known = await client.get(f"/v1/agent/service/{INSTANCE}")
    if known.is_success:
        return
    # The local address of the connection to Consul is reachable from Consul.
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
