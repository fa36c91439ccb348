"""A sign of life, for work that takes long enough to wonder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 20
"""Services; fewer are done before a spinner could be seen, let alone imported."""


@contextmanager
def spinner(services: int) -> Iterator[None]:
    """Shows that work goes on, on a terminal and where there is enough of it."""
    if services <= LARGE or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"Making {services} services"):
        yield
