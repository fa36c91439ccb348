"""What packs know that a description is checked against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Parts:
    """What a described system consists of, under the names that a plan has for it: expressions of packs see it."""

    broker: str | None
    databases: tuple[str, ...]
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
    """Kind of name (`system`, `service` or `field`) -> name -> reason; `*` stands for any characters."""
    ports: Callable[[Parts], Mapping[int, str]] = lambda _parts: {}
    """Ports of the host that a system has already -> what has them."""
