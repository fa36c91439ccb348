"""Messages that were taken from a queue."""

from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter
from typing import ParamSpec

from prometheus_client import Counter, Histogram

from chassis.metrics import SECONDS

CONSUMED = Counter(
    "messaging_client_consumed_messages",
    "Messages taken from a queue: handled, duplicate, retried, dead or ignored",
    ["messaging_destination_name", "cloudevents_event_type", "outcome"],
)
DURATION = Histogram(
    "messaging_process_duration_seconds",
    "Time that it took to handle a message",
    ["messaging_destination_name", "cloudevents_event_type"],
    buckets=[*SECONDS, 30, 60],
)

P = ParamSpec("P")
Process = Callable[P, Awaitable[tuple[str, str, str]]]


def measured(process: Process[P]) -> Process[P]:
    """Counts what becomes of messages: of which queue and type they were, and the outcome."""

    @wraps(process)
    async def measure(*args: P.args, **kwargs: P.kwargs) -> tuple[str, str, str]:
        start = perf_counter()
        queue, kind, outcome = await process(*args, **kwargs)
        DURATION.labels(queue, kind).observe(perf_counter() - start)
        CONSUMED.labels(queue, kind, outcome).inc()
        return queue, kind, outcome

    return measure
