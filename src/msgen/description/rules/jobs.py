"""Jobs: names, times and time-outs."""

import re
from collections.abc import Iterator
from functools import partial

from msgen.core.errors import quoted
from msgen.core.naming import Name
from msgen.description.job_model import JobSpec, seconds
from msgen.description.rules.finding import Finding
from msgen.description.rules.names import reserved_device
from msgen.description.rules.system import System
from msgen.description.source_map import Where

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
PARTS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("", *MONTHS)),
    ("day of the week", 0, 7, DAYS),
)
"""Parts of a cron expression: name, minimum, maximum, and names of the values from 0 on."""
LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
ITEM = re.compile(r"(?P<first>\*|[0-9a-z]+)(-(?P<last>[0-9a-z]+))?(/(?P<step>[0-9]+))?")
LONGEST = 6 * 3600


def jobs(system: System) -> Iterator[Finding]:
    for service, spec in system.description.services.items():
        where: Where = ("services", service, "jobs")
        if spec.jobs and system.database(service) == "none":
            hint = "remove `database: none`" if spec.database else "add `database: postgres`"
            yield Finding(where, f"{service} has no database, which its jobs need", hint, key=True)
        for name, job in spec.jobs.items():
            yield from _name(system, service, (*where, name))
            yield from _times((*where, name), job)


def _name(system: System, service: str, where: Where) -> Iterator[Finding]:
    name = str(where[-1])
    reason = reserved_device(name)
    if language := system.reserving("job", Name(name).snake, partial(set, (service,))):
        reason = f"reserved by {language}"
    if reason:
        yield Finding(where, f"a job cannot be called {quoted(name)}: {reason}", "rename it", key=True)


def _times(where: Where, job: JobSpec) -> Iterator[Finding]:
    place: Where = (*where, "cron")
    values = []
    for (name, least, most, names), text in zip(PARTS, job.cron.lower().split(), strict=True):
        found = _values(text, least, most, names)
        if not found:
            message = f"{quoted(text)} is not valid as the {name} of a cron expression"
            yield Finding(place, message, f"write `*`, numbers from {least} to {most}, ranges (1-5) or steps (*/15)")
        values.append(found)
    _, _, days, months, _ = values
    never = days and months and all(min(days) > LONGEST_MONTH[month - 1] for month in months)
    if never and job.cron.endswith("*"):
        yield Finding(place, f"there is no such day: {quoted(job.cron)}", "correct the day of the month or the month")
    if seconds(job.timeout) > LONGEST:
        yield Finding((*where, "timeout"), "a run may take at most 6h", "divide the work among several runs")


def _values(text: str, least: int, most: int, names: tuple[str, ...]) -> set[int]:
    """Return the values of a part of a cron expression; empty if it is not valid."""
    found: set[int] = set()
    for item in text.split(","):
        match = ITEM.fullmatch(item)
        if not match or (match["first"] == "*" and match["last"]):
            return set()
        first = least if match["first"] == "*" else _number(match["first"], names)
        last = _number(match["last"], names) if match["last"] else first
        if match["first"] == "*" or (match["step"] and not match["last"]):
            last = most
        step = int(match["step"] or 1)
        if not (least <= first <= last <= most and 1 <= step <= most):
            return set()
        found.update(range(first, last + 1, step))
    return found


def _number(text: str, names: tuple[str, ...]) -> int:
    return int(text) if text.isdecimal() else names.index(text) if text in names else -1


RULES = (jobs,)
