"""The end of the process, known to all that must finish in time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

stopping = asyncio.Event()
"""Set when the process was asked to stop: take no new work."""

_deadline = float("inf")
_listeners: list[Callable[[], None]] = []


def stop(seconds: float) -> None:
    """Says that the process ends, and how long work in hand may still take."""
    global _deadline  # noqa: PLW0603
    _deadline = monotonic() + seconds
    stopping.set()
    for listener in _listeners:
        listener()


@contextmanager
def on_stop(listener: Callable[[], None]) -> Iterator[None]:
    """Has a function called as soon as the process is asked to stop."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def seconds_left() -> float | None:
    """How long work in hand may still take; None while the process is not stopping."""
    return max(0.0, _deadline - monotonic()) if stopping.is_set() else None
