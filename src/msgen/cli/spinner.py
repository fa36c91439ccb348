"""Progress indicator for long commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from msgen.cli.console import colourful

LARGE = 20
"""Number of services from which a spinner is worth importing rich."""


@contextmanager
def spinner(services: int) -> Iterator[None]:
    """Show a spinner on a terminal while many services are generated."""
    if services <= LARGE or not sys.stderr.isatty() or not colourful():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"Generating {services} services"):
        yield
