"""Metrics of consumed messages."""

from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter
from typing import ParamSpec

from prometheus_client import Counter, Histogram

from chassis.metrics import SECONDS

CONSUMED = Counter(
    "messaging_client_consumed_messages",
    "Consumed messages by outcome: handled, duplicate, retried, dead or ignored",
    ["messaging_destination_name", "cloudevents_event_type", "outcome"],
)
DURATION = Histogram(
    "messaging_process_duration_seconds",
    "Duration of message handling",
    ["messaging_destination_name", "cloudevents_event_type"],
    buckets=[*SECONDS, 30, 60],
)

P = ParamSpec("P")
Process = Callable[P, Awaitable[tuple[str, str, str]]]


def measured(process: Process[P]) -> Process[P]:
    """Measure messages by queue, type and outcome."""

    @wraps(process)
    async def measure(*args: P.args, **kwargs: P.kwargs) -> tuple[str, str, str]:
        start = perf_counter()
        queue, kind, outcome = await process(*args, **kwargs)
        DURATION.labels(queue, kind).observe(perf_counter() - start)
        CONSUMED.labels(queue, kind, outcome).inc()
        return queue, kind, outcome

    return measure
