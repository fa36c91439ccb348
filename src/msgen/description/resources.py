"""Names derived from a resource: its path and the events that its changes publish."""

from msgen.core.naming import Name
from msgen.description.model import Description

ACTIONS = ("created", "updated", "deleted")


def resource_events(description: Description) -> dict[str, tuple[str, str, str]]:
    """Map each event that needs no declaration to its service, resource and action."""
    return {
        f"{Name(resource).kebab}.{action}": (service, resource, action)
        for service, spec in description.services.items()
        for resource in spec.resources
        for action in ACTIONS
    }


def resource_path(name: str) -> str:
    """Return the path of a collection, the same in the service and at the gateway."""
    return f"/{Name(name).plural.kebab}"
