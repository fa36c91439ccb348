"""Operations: endpoints besides the five actions of resources."""

from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.access import PUBLIC
from msgen.planning.access import Expectation
from msgen.planning.fields import Field
from msgen.planning.messages import Event
from msgen.planning.resources import Resource


@dataclass(frozen=True)
class Output:
    """What an operation answers."""

    resource: Resource | None = None
    """A resource of the service."""
    fields: tuple[Field, ...] = ()
    file: bool = False
    many: bool = False
    """Whether it is a list."""


@dataclass(frozen=True)
class Operation:
    name: Name
    full_name: Name
    """Name that is unique in the service: `cancel-order`."""
    description: str
    service: Name
    resource: Resource | None
    """None for an operation of the service itself."""
    row: bool
    """Whether it is about one row, whose id is in the path."""
    method: str
    """`GET`, `POST`, `PUT`, `PATCH` or `DELETE`."""
    path: str
    """Path in the service and at the gateway: `/orders/{order_id}/cancel`."""
    parameters: tuple[Field, ...]
    """Parameters of the path besides the id of the row."""
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    output: Output | None
    """None if it answers nothing (204)."""
    access: tuple[Name, ...] | None
    """Grantees; None in a system without accounts."""
    publishes: tuple[Event, ...]
    expectations: tuple[Expectation, ...]
    """Every account and nobody, with the row of an owner if it is about one; empty without accounts."""
    service_expectations: tuple[Expectation, ...]
    """Every service with tokens of its own; empty without accounts."""

    @property
    def input(self) -> tuple[Field, ...]:
        return (*self.parameters, *self.query, *self.body)

    @property
    def unsafe(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    @property
    def public(self) -> bool:
        """Whether it needs no access token."""
        return PUBLIC in (self.access or ())

    @property
    def pattern(self) -> str:
        """Regular expression of its paths."""
        parts = self.path.replace(".", "[.]").split("/")
        return "/".join("[^/]+" if part.startswith("{") else part for part in parts)
