"""Jobs that run at their times."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.job_model import JobSpec, seconds


@dataclass(frozen=True)
class Job:
    name: Name
    cron: str
    """Five parts, in UTC."""
    timeout: int
    """In seconds."""
    overlap: str
    """`skip` or `wait`."""
    catch_up: bool


def plan_jobs(specs: Mapping[str, JobSpec]) -> tuple[Job, ...]:
    return tuple(Job(Name(n), s.cron, seconds(s.timeout), s.overlap, s.catch_up) for n, s in specs.items())
