"""Jobs against PostgreSQL; the processes are replicas of a service."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import run_job
from chassis.database import sessions
from chassis.jobs import MAX_ATTEMPTS, Job, Outcome, Schedule, run_due

NOON = datetime(2100, 1, 1, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


async def note(session: AsyncSession, scheduled: datetime) -> None:
    """Leave a row that tells of the run."""
    await session.execute(text("insert into runs values (:at)"), {"at": scheduled})


def make(
    work: Callable[[AsyncSession, datetime], Awaitable[None]] = note,
    *,
    timeout: float = 60,
    catch_up: bool = True,
    overlap: Literal["skip", "wait"] = "skip",
) -> Job:
    return Job("clean", "*/15 * * * *", work, timedelta(seconds=timeout), catch_up, overlap)


async def runs() -> list[datetime]:
    async with sessions()() as session:
        return list(await session.scalars(text("select at from runs order by at")))


async def row() -> Schedule:
    async with sessions()() as session:
        return await session.get_one(Schedule, "clean")


@pytest.fixture
async def known(application: FastAPI) -> None:  # noqa: ARG001 - has the database
    """The job is known since a while before noon."""
    async with sessions().begin() as session:
        await session.execute(text("create table runs (at timestamptz)"))
    assert await run_due(make(), NOON - timedelta(minutes=1)) is None


@pytest.mark.usefixtures("known")
async def test_a_job_runs_once_at_each_of_its_times() -> None:
    times = [NOON + timedelta(minutes=m) for m in (-1, 0, 0, 1, 14, 15)]

    outcomes = [await run_due(make(), time) for time in times]

    assert outcomes == [None, "succeeded", None, None, None, "succeeded"]
    assert await runs() == [NOON, NOON + QUARTER]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("catch_up", "outcome", "expected"),
    [(True, "succeeded", [NOON + 4 * QUARTER]), (False, "skipped", [])],
)
async def test_missed_times_are_run_once_or_dropped(
    *, catch_up: bool, outcome: Outcome, expected: list[datetime]
) -> None:
    job = make(catch_up=catch_up)

    assert await run_due(job, NOON + 4 * QUARTER + timedelta(minutes=5)) == outcome
    assert await run_due(job, NOON + 4 * QUARTER + timedelta(minutes=6)) is None
    assert await runs() == expected
    assert await run_due(job, NOON + 5 * QUARTER) == "succeeded"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("overlap", "outcome"), [("skip", "skipped"), ("wait", "succeeded")])
async def test_a_time_during_a_run_is_dropped_or_run_afterwards(
    overlap: Literal["skip", "wait"], outcome: Outcome
) -> None:
    job = make(overlap=overlap)
    await run_due(job, NOON)
    async with sessions().begin() as session:
        await session.execute(update(Schedule).values(ended_at=NOON + timedelta(minutes=20)))

    assert await run_due(job, NOON + timedelta(minutes=21)) == outcome
    assert await run_due(job, NOON + 2 * QUARTER) == "succeeded"


@pytest.mark.usefixtures("known")
async def test_replicas_do_not_run_a_job_at_once() -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def work(session: AsyncSession, scheduled: datetime) -> None:
        await note(session, scheduled)
        begun.set()
        await end.wait()

    first = asyncio.create_task(run_due(make(work), NOON))
    await begun.wait()
    others = [await run_due(make(), NOON + after) for after in (timedelta(0), QUARTER)]
    end.set()

    assert others == [None, None]
    assert await first == "succeeded"
    assert await runs() == [NOON]


@pytest.mark.usefixtures("known")
async def test_a_failed_run_leaves_nothing_and_does_not_stop_the_next() -> None:
    async def fail(session: AsyncSession, scheduled: datetime) -> None:
        await note(session, scheduled)
        raise LookupError

    assert await run_due(make(fail), NOON) == "failed"
    assert await run_due(make(), NOON + timedelta(minutes=1)) is None
    assert (await row()).failed == NOON
    assert await run_due(make(), NOON + QUARTER) == "succeeded"
    assert await runs() == [NOON + QUARTER]


@pytest.mark.usefixtures("known")
async def test_a_run_is_ended_at_its_time_out() -> None:
    async def hang(session: AsyncSession, scheduled: datetime) -> None:
        await note(session, scheduled)
        await asyncio.Event().wait()

    assert await run_due(make(hang, timeout=0.2), NOON) == "timed out"
    assert await runs() == []
    assert (await row()).failed == NOON


@pytest.mark.usefixtures("known")
async def test_runs_are_measured() -> None:
    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"job_name": "clean", **labels}) or 0

    before = value("job_runs_total", outcome="succeeded")
    await run_due(make(), NOON)

    assert value("job_runs_total", outcome="succeeded") == before + 1
    assert value("job_last_success_timestamp_seconds") == NOON.timestamp()
    assert value("job_next_run_timestamp_seconds") == (NOON + QUARTER).timestamp()


@pytest.mark.usefixtures("known")
async def test_a_run_can_be_requested() -> None:
    async with sessions().begin() as session:
        await session.execute(update(Schedule).values(finished=NOON.replace(year=2020)))
    request = asyncio.create_task(run_job.run("clean"))
    while (await row()).requested is None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    outcome = await run_due(make(), datetime.now(UTC))

    assert outcome == "succeeded"
    assert await request == ""
    assert await run_job.run("tidy") == "there is no job tidy"


REPLICA = textwrap.dedent("""
    import asyncio
    import sys
    from datetime import datetime, timedelta

    from fastapi import FastAPI
    from sqlalchemy import text

    from chassis.context import current_app
    from chassis.database import lifespan
    from chassis.jobs import Job, run_due


    def say(line):
        sys.stdout.write(f"{line}\\n")
        sys.stdout.flush()


    async def work(session, scheduled):
        await session.execute(text("insert into runs values (:at)"), {"at": scheduled})
        say("begun")
        await asyncio.sleep(float(sys.argv[1]))


    async def main():
        app = FastAPI()
        current_app.set(app)
        async with lifespan(app):
            say("ready")
            now = datetime.fromisoformat(sys.stdin.readline().strip())
            await run_due(Job("clean", "*/15 * * * *", work, timedelta(hours=1), True, "skip"), now)


    asyncio.run(main())
""")


class Replica:
    """A process that runs the job when it is told the time."""

    def __init__(self, seconds: float) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", REPLICA, str(seconds)]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603

    async def read(self) -> str:
        assert self.process.stdout
        return await asyncio.to_thread(self.process.stdout.readline)

    def tell(self, now: datetime) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{now.isoformat()}\n")
        self.process.stdin.flush()

    async def end(self) -> str:
        return (await asyncio.to_thread(self.process.communicate))[0]


@pytest.mark.usefixtures("known")
async def test_one_of_three_processes_runs_a_job() -> None:
    replicas = [Replica(0.5) for _ in range(3)]
    assert [await replica.read() for replica in replicas] == ["ready\n"] * 3
    for replica in replicas:
        replica.tell(NOON)
    outputs = [await replica.end() for replica in replicas]

    assert sum("begun" in output for output in outputs) == 1
    assert await runs() == [NOON]


@pytest.mark.usefixtures("known")
async def test_the_run_of_a_killed_process_is_run_again() -> None:
    replica = Replica(60)
    replica.tell(NOON)
    assert [await replica.read() for _ in range(2)] == ["ready\n", "begun\n"]
    replica.process.kill()
    await replica.end()

    assert await runs() == []
    job = make(catch_up=False)
    assert await run_due(job, NOON + timedelta(minutes=5)) == "succeeded"
    assert await runs() == [NOON]


@pytest.mark.usefixtures("known")
async def test_a_run_that_kills_its_process_is_given_up() -> None:
    async with sessions().begin() as session:
        values = {"started": NOON, "attempts": MAX_ATTEMPTS}
        await session.execute(update(Schedule).values(**values))

    assert await run_due(make(), NOON + timedelta(minutes=5)) is None
    assert (await row()).failed == NOON
    assert await run_due(make(), NOON + QUARTER) == "succeeded"
