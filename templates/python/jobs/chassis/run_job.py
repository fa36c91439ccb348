"""Have a running replica run a job, and wait for its end: `python -m chassis.run_job NAME`."""

import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import create_engine
from chassis.jobs import Schedule

SECONDS = 1.0


async def run(name: str) -> str:
    """Return what went wrong; empty if nothing did."""
    engine = create_engine()
    try:
        return await _request(engine, name)
    finally:
        await engine.dispose()


async def _request(engine: AsyncEngine, name: str) -> str:
    own, now = Schedule.job == name, datetime.now(UTC)
    async with engine.begin() as connection:
        requested = await connection.execute(update(Schedule).where(own).values(requested=now))
    if not requested.rowcount:
        return f"there is no job {name}"
    while True:
        async with engine.connect() as connection:
            times = select(Schedule.finished, Schedule.succeeded).where(own)
            finished, succeeded = (await connection.execute(times)).one()
        if finished >= now:
            return "" if succeeded >= now else f"{name} failed: see the log of the service"
        await asyncio.sleep(SECONDS)


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python -m chassis.run_job NAME")
    [name] = arguments
    if problem := asyncio.run(run(name)):
        sys.exit(problem)
    sys.stdout.write(f"{name} succeeded\n")


if __name__ == "__main__":
    main(sys.argv[1:])
