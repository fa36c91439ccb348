"""Who may do what with a resource, with defaults resolved."""

from collections.abc import Mapping

from msgen.description.field_model import FieldSpec
from msgen.description.model import Description
from msgen.description.resource_model import ACTIONS, ResourceSpec

PUBLIC, USER, OWNER, ADMIN = "public", "user", "owner", "admin"
GRANTEES = (PUBLIC, USER, OWNER)
"""Grantees that are not roles."""
OWNER_FIELD = "owner_id"
PROFILE_OWNER = "id"
"""`owner` of a profile: the id of a row is that of the account."""

DEFAULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "owner": {**dict.fromkeys(ACTIONS, (OWNER,)), "create": (USER,)},
    "open": dict.fromkeys(ACTIONS, (USER,)),
}


def roles(description: Description) -> tuple[str, ...]:
    """Return the roles of accounts; there are none without accounts."""
    return tuple(sorted({*description.roles, ADMIN})) if description.has_accounts else ()


def granted(description: Description, resource: ResourceSpec) -> Mapping[str, tuple[str, ...]]:
    """Return the grantees of each action."""
    defaults = DEFAULTS[description.defaults.access]
    return {action: getattr(resource.access, action) or defaults[action] for action in ACTIONS}


def owner_field(description: Description, resource: ResourceSpec) -> str | None:
    """Return the field with the owner's id, which is added if only grants mention an owner."""
    if not description.has_accounts or resource.owner:
        return resource.owner
    limits = [limit for field in resource.fields.values() for limit in (field.read, field.write) if limit]
    mentioned = any(OWNER in grantees for grantees in (*granted(description, resource).values(), *limits))
    return OWNER_FIELD if mentioned else None


def fields_of(description: Description, service: str, resource: str) -> dict[str, FieldSpec]:
    """Return the fields of a resource with the added owner."""
    spec = description.services[service].resources[resource]
    owner = owner_field(description, spec)
    return (
        spec.fields
        if owner in (None, PROFILE_OWNER, *spec.fields)
        else {**spec.fields, str(owner): FieldSpec.model_validate({"type": "uuid"})}
    )


def covers(grantees: tuple[str, ...], other: str) -> bool:
    """Return whether whoever `other` stands for is among the grantees."""
    return other in grantees or PUBLIC in grantees or (USER in grantees and other != PUBLIC)
