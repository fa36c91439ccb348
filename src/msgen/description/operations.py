"""Names, paths and access of operations, with defaults resolved."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.access import USER, granted
from msgen.description.model import Description
from msgen.description.operation_model import OperationSpec
from msgen.description.resources import resource_path
from msgen.description.source_map import Where

ROW = "{id}"
"""Stands for the id of the row in the paths of a resource's operations."""


@dataclass(frozen=True)
class Declared:
    """An operation and where it is declared."""

    where: Where
    service: str
    resource: str
    """Empty for an operation of the service."""
    name: str
    spec: OperationSpec

    @property
    def full_name(self) -> Name:
        """Name that is unique in the service: `cancel-order`."""
        return Name(f"{self.name}-{Name(self.resource).kebab}") if self.resource else Name(self.name)

    @property
    def path(self) -> str:
        """Path as in the description, or the default."""
        if self.spec.given_path:
            return self.spec.given_path
        return f"{resource_path(self.resource)}/{ROW}/{self.name}" if self.resource else f"/{self.service}/{self.name}"

    @property
    def row(self) -> bool:
        """Whether it is about one row."""
        return bool(self.resource) and ROW in self.path.split("/")

    @property
    def served_path(self) -> str:
        """Path with the name of the row's id: `/orders/{order_id}/cancel`."""
        return self.path.replace(ROW, f"{{{self.resource}_id}}", 1) if self.row else self.path


def declared_operations(description: Description, service: str) -> Iterator[Declared]:
    """Yield the operations of a service: those of its resources first."""
    spec = description.services[service]
    at: Where = ("services", service)
    for resource, resource_spec in spec.resources.items():
        for name, operation in resource_spec.operations.items():
            yield Declared((*at, "resources", resource, "operations", name), service, resource, name, operation)
    for name, operation in spec.operations.items():
        yield Declared((*at, "operations", name), service, "", name, operation)


def callers_of(description: Description, operation: Declared) -> tuple[str, ...]:
    """Return the grantees of an operation."""
    if operation.spec.access:
        return operation.spec.access
    if not operation.row:
        return (USER,)
    action = "read" if operation.spec.method == "get" else "update"
    return granted(description, description.services[operation.service].resources[operation.resource])[action]
