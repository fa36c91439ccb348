"""Roles, owners and grantees."""

from collections.abc import Iterator

from msgen.core.errors import quoted
from msgen.core.suggestions import one_of
from msgen.description.access import (
    GRANTEES,
    OWNER,
    PROFILE_OWNER,
    PUBLIC,
    USER,
    covers,
    granted,
    owner_field,
    roles,
)
from msgen.description.field_model import FieldSpec
from msgen.description.resource_model import ResourceSpec
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

AUTH = "add an auth service: `auth: {blueprint: auth}`, or an OpenID provider: `identity: {issuer: …}`"
RESERVED = {
    **dict.fromkeys(GRANTEES, "stands for accounts in general"),
    **dict.fromkeys(("anonymous", "service", "system"), "reserved for callers without an account"),
}
READERS = ("list", "update", "delete")
"""Actions that need the right to read."""


def role_names(system: System) -> Iterator[Finding]:
    names = system.description.roles
    for number, name in enumerate(names):
        where = ("roles", number)
        if name in RESERVED:
            yield Finding(where, f"a role cannot be called {quoted(name)}: {RESERVED[name]}", "choose another name")
        elif name in names[:number]:
            yield Finding(where, f"{quoted(name)} is listed twice", "remove one of them")
    if names and not system.description.has_accounts:
        yield Finding(
            ("roles",), "roles belong to accounts, and the system has none", AUTH, key=True, relies=_blueprints()
        )


def _blueprints() -> tuple[Where, ...]:
    return (("services", "*", "blueprint"), ("identity",))


def issuers(system: System) -> Iterator[Finding]:
    """Yield a finding if both an auth service and an OpenID provider issue tokens."""
    auth = [name for name, spec in system.description.services.items() if spec.blueprint == "auth"]
    if system.description.identity and auth:
        message = f"both an OpenID provider and the service {quoted(auth[0])} issue access tokens"
        yield Finding(("identity",), message, f"remove 'identity', or the service {quoted(auth[0])}", key=True)


def grants(system: System) -> Iterator[Finding]:
    for where, service, resource_name, _ in system.resources:
        resource = system.description.services[service].resources[resource_name]
        given = [((*where, "access", action), grantees) for action, grantees in resource.access if grantees]
        given += [
            ((*where, "fields", name, key), grantees)
            for name, field in resource.fields.items()
            for key in ("read", "write")
            if (grantees := getattr(field, key))
        ]
        if not system.description.has_accounts:
            places = [place for place, _ in given] + ([(*where, "owner")] if resource.owner else [])
            for place in places:
                message = f"{quoted(place[-1])} needs accounts, and the system has none"
                yield Finding(place, message, AUTH, key=True, relies=_blueprints())
            continue
        for place, grantees in given:
            yield from known_grantees(system, place, grantees)
        yield from _creators(system, where, resource)
        yield from _readable(system, where, resource)
        yield from _owner(system, where, resource)
        for name, field in resource.fields.items():
            yield from _limits(system, (*where, "fields", name), resource, field)


def known_grantees(system: System, where: Where, grantees: tuple[str, ...]) -> Iterator[Finding]:
    known = (*GRANTEES, *roles(system.description))
    for number, grantee in enumerate(grantees):
        if grantee not in known:
            hint = one_of(grantee, known, f"add {quoted(grantee)} to 'roles'")
            yield Finding((*where, number), f"there is no role {quoted(grantee)}", hint, relies=(("roles",),))
        elif grantee in grantees[:number]:
            yield Finding((*where, number), f"{quoted(grantee)} is listed twice", "remove one of them")


def _creators(system: System, where: Where, resource: ResourceSpec) -> Iterator[Finding]:
    creators = resource.access.create or ()
    if PUBLIC in creators and owner_field(system.description, resource):
        message = "everybody may create rows, but each needs an account that owns it"
        hint = "write `create: user`, or grant nothing to owners"
        yield Finding((*where, "access", "create"), message, hint, relies=((*where, "access"),))
    if OWNER in creators:
        message = "a row has no owner before it is created"
        yield Finding((*where, "access", "create"), message, "write `create: user`: whoever creates a row owns it")


def _readable(system: System, where: Where, resource: ResourceSpec) -> Iterator[Finding]:
    access, known = granted(system.description, resource), (*GRANTEES, *roles(system.description))
    for action in READERS:
        for grantee in access[action]:
            if grantee in known and not covers(access["read"], grantee):
                place = (*where, "access", action if getattr(resource.access, action) else "read")
                message = f"{quoted(grantee)} may {action} rows, but not read them"
                yield Finding(place, message, f"add {quoted(grantee)} to 'read'", relies=((*where, "access"),))


def _owner(system: System, where: Where, resource: ResourceSpec) -> Iterator[Finding]:
    name = owner_field(system.description, resource)
    if name in (None, PROFILE_OWNER):
        return
    field = resource.fields.get(str(name))
    place: Where = (*where, "owner") if resource.owner else (*where, "fields", str(name))
    relies = ((*where, "fields", str(name)),)
    if field is None and resource.owner:
        candidates = [n for n, f in resource.fields.items() if _is_id(f)]
        hint = one_of(resource.owner, candidates, f"add `{resource.owner}: uuid` to 'fields'")
        yield Finding(place, f"there is no field {quoted(name)}", hint, relies=relies)
    elif field and not _is_id(field):
        message = f"the owner {quoted(name)} holds the id of an account, and its type is not uuid"
        hint = f"write `{name}: uuid`" if resource.owner else "rename the field, or write `owner:` with another one"
        yield Finding(place, message, hint, key=not resource.owner, relies=relies)
    elif field and (field.optional or field.default is not None):
        message = f"the owner {quoted(name)} is set from the access token, so it is neither optional nor has a default"
        yield Finding(place, message, f"write `{name}: uuid`", key=not resource.owner, relies=relies)
    elif field and field.references and not _is_profile(system, field.references):
        message = f"the owner {quoted(name)} is an account, and {field.references} is not the profile of one"
        hint = f"add `owner: id` to {field.references}, or remove 'references'"
        yield Finding((*where, "fields", str(name), "references"), message, hint)
    elif field and field.write:
        message = f"the owner {quoted(name)} is set from the access token"
        yield Finding((*where, "fields", str(name), "write"), message, "remove 'write'", key=True)


def _is_id(field: FieldSpec) -> bool:
    return field.type == "uuid" and not field.enum and not field.list


def _is_profile(system: System, reference: str) -> bool:
    """Return whether the id of a resource is that of an account; true if there is no such resource."""
    service, _, name = reference.partition(".")
    spec = system.description.services.get(service)
    resource = spec.resources.get(name) if spec else None
    return resource is None or resource.owner == PROFILE_OWNER


def _limits(system: System, where: Where, resource: ResourceSpec, field: FieldSpec) -> Iterator[Finding]:
    """A field that a creator may not write needs a value of its own."""
    creators = granted(system.description, resource)["create"]
    limit = field.write
    if not limit or field.optional or field.default is not None:
        return
    writers = (*limit, USER) if OWNER in limit else limit  # whoever creates a row owns it
    for creator in creators:
        if creator != OWNER and not covers(writers, creator):
            message = f"{quoted(creator)} may create rows, but not set the required field {quoted(where[-1])}"
            hint = "give it a default, or make it optional"
            yield Finding((*where, "write"), message, hint, key=True, relies=(where,))


RULES = (issuers, role_names, grants)
