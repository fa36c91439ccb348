"""Shutdown of the process, for everything that has to finish in time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from chassis.context import state


class Lifecycle:
    """`stopping` is set once the process has to stop: accept no new work."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self._deadline = float("inf")
        self._listeners: list[Callable[[], None]] = []

    def stop(self, seconds: float) -> None:
        """Announce the shutdown; work in progress may take `seconds` more."""
        self._deadline = monotonic() + seconds
        self.stopping.set()
        for listener in self._listeners:
            listener()

    @contextmanager
    def on_stop(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call a function once the process has to stop."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def seconds_left(self) -> float | None:
        """Time left for work in progress; None unless the process is stopping."""
        return max(0.0, self._deadline - monotonic()) if self.stopping.is_set() else None


def lifecycle() -> Lifecycle:
    current: Lifecycle = state().lifecycle
    return current
