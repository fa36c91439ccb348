"""Health checks: whether the process runs, and whether what it depends on answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis.lifecycle import stopping

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


@router.get("/ready", responses={503: {"model": Health}})
async def ready(request: Request, response: Response) -> Health:
    checks: dict[str, Check] = request.app.state.checks
    results = await asyncio.gather(*(_run(name, check) for name, check in checks.items()))
    well = all(result == "ok" for result in results) and not stopping.is_set()
    if not well:
        response.status_code = 503
    return Health(
        status="ok" if well else "unavailable", checks=dict(zip(checks, results, strict=True))
    )


async def _run(name: str, check: Check) -> Status:
    try:
        task = asyncio.ensure_future(check())
        if not (await asyncio.wait([task], timeout=TIMEOUT))[0]:
            # It is not waited for: to give up may take its time as well.
            task.cancel()
            raise TimeoutError
        await task
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the service is not ready
        log.warning("not ready", check=name, error=repr(error))
        return "unavailable"
    return "ok"
