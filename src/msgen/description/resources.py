"""Names derived from a resource: its path and the events that its changes publish."""

from collections.abc import Iterable

from msgen.core.naming import Name
from msgen.description.model import Description

ACTIONS = ("created", "updated", "deleted")
STAMPS = ("version", "created_at", "updated_at")
"""Fields that every resource has after its own."""


def event_name(resource: str, action: str) -> str:
    return f"{Name(resource).kebab}.{action}"


def resource_events(description: Description) -> dict[str, tuple[str, str, str]]:
    """Map each event that needs no declaration to its service, resource and action."""
    return {
        event_name(resource, action): (service, resource, action)
        for service, spec in description.services.items()
        for resource in spec.resources
        for action in ACTIONS
    }


def resource_path(name: str) -> str:
    """Return the path of a collection, the same in the service and at the gateway."""
    return f"/{Name(name).plural.kebab}"


def payload(fields: Iterable[str], action: str) -> list[str]:
    """Return the names of the fields that an event of a resource carries at most."""
    return ["id"] if action == "deleted" else ["id", *fields, *STAMPS]
