"""Languages, reserved names and ports of packs, which a description is validated against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Parts:
    """Components of a described system, named as in a plan, for conditions of packs."""

    broker: str | None
    databases: tuple[str, ...]
    identity: bool
    mails: bool
    discovery: str
    metrics: str | None
    logs: str | None
    traces: str | None


@dataclass(frozen=True)
class Vocabulary:
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Language -> {reserved: {kind of name: [names]}}."""
    reserved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Kind of name (`system`, `service` or `field`) -> name -> reason; `*` matches any characters."""
    ports: Callable[[Parts], Mapping[int, str]] = lambda _parts: {}
    """Return the host ports that components of a system use -> owner."""
