"""Jobs of services in `msgen.yaml`: functions that run at their times."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from msgen.description.field_model import Flag, Strict
from msgen.description.patterns import CRON, DURATION, LABEL

JobName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=40)]
Cron = Annotated[str, StringConstraints(strict=True, pattern=CRON, max_length=100)]
Duration = Annotated[str, StringConstraints(strict=True, pattern=DURATION)]
SECONDS = {"s": 1, "m": 60, "h": 3600}


class JobSpec(Strict):
    """A job; `"*/15 * * * *"` is short for `{cron: "*/15 * * * *"}`."""

    cron: Cron = Field(description="Times in UTC: minute, hour, day of the month, month and day of the week.")
    timeout: Duration = Field("5m", description="Longest duration of a run: seconds (s), minutes (m) or hours (h).")
    overlap: Literal["skip", "wait"] = Field(
        "skip", description="What happens to a time at which the job still runs: `skip` drops it, `wait` runs it after."
    )
    catch_up: Flag = Field(
        default=True, description="Whether the last time that passed while no replica was running is run late."
    )


def seconds(duration: str) -> int:
    return int(duration[:-1]) * SECONDS[duration[-1]]


def _expand(value: Any) -> Any:
    return {"cron": value} if isinstance(value, str) else value


Jobs = dict[JobName, Annotated[JobSpec, BeforeValidator(_expand)]]
