"""Events and work queues."""

from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.planning.fields import Field


@dataclass(frozen=True)
class Event:
    """An event; `resource` is set for events that changes of a resource publish."""

    name: Name
    fields: tuple[Field, ...]
    service: Name | None
    """Owner of the resource, for an event of a resource."""
    resource: Name | None
    action: str | None
    """`created`, `updated` or `deleted`, for an event of a resource."""
    publishers: tuple[Name, ...]
    subscribers: tuple[Name, ...]

    @property
    def receivers(self) -> tuple[Name, ...]:
        return self.subscribers


@dataclass(frozen=True)
class Queue:
    """A work queue; each message is handled once, by the only consumer."""

    name: Name
    fields: tuple[Field, ...]
    senders: tuple[Name, ...]
    consumer: Name | None

    @property
    def receivers(self) -> tuple[Name, ...]:
        return (self.consumer,) if self.consumer else ()
