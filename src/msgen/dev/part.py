"""One process of a system, with everything that starting it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgen.dev.installing import Installation


@dataclass(frozen=True)
class Step:
    """A command before the process starts, unless a file exists."""

    unless: Path
    run: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    name: str
    run: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    data: Path
    """Its own directory, which only its user can read."""
    task: bool = False
    """Whether it runs to completion."""
    service: bool = False
    """Whether it is a service of the system, not a component."""
    after: tuple[str, ...] = ()
    """Parts that must be ready, or completed, before."""
    last: bool = False
    """Whether it starts when all services have started, or failed to."""
    address: int = 0
    """Local port that others use first; 0: it has none."""
    port: int = 0
    """Local port that shows that it is ready; 0: it is ready once it runs."""
    path: str = ""
    """Path that answers 200 when it is ready; empty: it is enough that the port is open."""
    check: tuple[str, ...] = ()
    """Command that succeeds when it is ready, once the port is open."""
    unprivileged: bool = False
    stop: tuple[str, ...] = ("TERM",)
    """Signals, a moment apart."""
    watch: tuple[Path, ...] = ()
    files: Mapping[Path, str] = field(default_factory=dict)
    prepare: tuple[Step, ...] = ()
    installations: tuple[Installation, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    """Title -> URL."""
