"""The end of the process, known to all that must finish in time."""

import asyncio
from time import monotonic

stopping = asyncio.Event()
"""Set when the process was asked to stop: take no new work."""

_deadline = float("inf")


def stop(seconds: float) -> None:
    """Says that the process ends, and how long work in hand may still take."""
    global _deadline  # noqa: PLW0603
    _deadline = monotonic() + seconds
    stopping.set()


def seconds_left() -> float | None:
    """How long work in hand may still take; None while the process is not stopping."""
    return max(0.0, _deadline - monotonic()) if stopping.is_set() else None
