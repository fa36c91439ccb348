"""Registration of this instance and its status in Eureka.

Plain HTTP, because five requests of Eureka's API are enough.
"""

from time import time_ns
from uuid import uuid4

import httpx
import structlog

from chassis import SERVICE
from chassis.settings import get_settings

INSTANCE = f"{SERVICE}-{uuid4()}"
PATH = f"/apps/{SERVICE.upper()}"
PORT = 8000
RENEWAL_SECONDS = 5.0
LEASE_SECONDS = 8
"""Eureka removes an instance after twice this time without renewal."""
TIMEOUT = 3.0

log = structlog.get_logger()


def connect() -> httpx.AsyncClient:
    url = str(get_settings().eureka_url)
    # The service reads its own readiness, which takes a moment at start.
    transport = httpx.AsyncHTTPTransport(retries=2)
    headers = {"Accept": "application/json"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT, transport=transport)


async def register(client: httpx.AsyncClient) -> None:
    """Renew the lease; register again if Eureka does not know the instance or its status."""
    known = await client.get(f"{PATH}/{INSTANCE}")
    # The local address of the connection to Eureka is reachable from there.
    host = known.extensions["network_stream"].get_extra_info("client_addr")[0]
    status = await _status(client)
    if known.is_success and _has_status(known.json()["instance"], status):
        renewed = await client.put(f"{PATH}/{INSTANCE}")
        renewed.raise_for_status()
        return
    answer = await client.post(PATH, json={"instance": _description(host, status)})
    answer.raise_for_status()
    log.info("registered", instance=INSTANCE, address=host, status=status)


def _has_status(instance: dict[str, str], status: str) -> bool:
    """Return whether Eureka has this status, or one that an operator set."""
    return status == instance["status"] or instance["overriddenStatus"] != "UNKNOWN"


async def _status(client: httpx.AsyncClient) -> str:
    """Return the result of its health check, which Eureka does not run."""
    try:
        ready = await client.get(_url("127.0.0.1", "/health/ready"))
    except httpx.HTTPError:
        return "DOWN"
    return "UP" if ready.is_success else "DOWN"


def _description(host: str, status: str) -> dict[str, object]:
    return {
        "instanceId": INSTANCE,
        "app": SERVICE.upper(),
        "vipAddress": SERVICE,
        "hostName": host,
        "ipAddr": host,
        "port": {"$": PORT, "@enabled": "true"},
        "status": status,
        "statusPageUrl": _url(host, "/openapi.json"),
        "healthCheckUrl": _url(host, "/health/ready"),
        "leaseInfo": {
            "renewalIntervalInSecs": int(RENEWAL_SECONDS),
            "durationInSecs": LEASE_SECONDS,
        },
        "lastDirtyTimestamp": time_ns() // 1_000_000,
        "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
            "name": "MyOwn",
        },
    }


def _url(host: str, path: str) -> str:
    return str(httpx.URL(scheme="http", host=host, port=PORT, path=path))


async def deregister(client: httpx.AsyncClient) -> None:
    await client.delete(f"{PATH}/{INSTANCE}")
