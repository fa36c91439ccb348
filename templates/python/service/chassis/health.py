"""Health checks: whether the process runs, takes requests, and what it depends on answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

TIMEOUT = 2.0
"""Seconds for each check."""

router = APIRouter(prefix="/health", tags=["health"])
log = structlog.get_logger()

Check = Callable[[], Awaitable[None]]
"""Raises when what it looks at is not well."""

Status = Literal["ok", "unavailable"]


class Health(BaseModel):
    status: Status
    checks: dict[str, Status] = {}


@router.get("/live")
async def live() -> Health:
    return Health(status="ok")


# Says whether to send requests: a service that lacks a dependency still answers some of them.
@router.get("/ready", responses={503: {"model": Health}})
async def ready(request: Request, response: Response) -> Health:
    stopping = request.app.state.lifecycle.stopping.is_set()
    if stopping:
        response.status_code = 503
    return Health(status="unavailable" if stopping else "ok")


@router.get("/dependencies", responses={503: {"model": Health}})
async def dependencies(request: Request, response: Response) -> Health:
    found = await check(request.app.state.checks)
    well = all(status == "ok" for status in found.values())
    if not well:
        response.status_code = 503
    return Health(status="ok" if well else "unavailable", checks=found)


async def check(checks: Mapping[str, Check]) -> dict[str, Status]:
    results = await asyncio.gather(*(_run(name, check) for name, check in checks.items()))
    return dict(zip(checks, results, strict=True))


async def _run(name: str, check: Check) -> Status:
    try:
        task = asyncio.ensure_future(check())
        if not (await asyncio.wait([task], timeout=TIMEOUT))[0]:
            # It is not waited for: to give up may take its time as well.
            task.cancel()
            raise TimeoutError
        await task
    except Exception as error:  # noqa: BLE001 - whatever is wrong, it is not available
        log.warning("dependency unavailable", dependency=name, error=repr(error))
        return "unavailable"
    return "ok"
