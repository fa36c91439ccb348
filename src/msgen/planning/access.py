"""Access to a resource: who may do what."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description import access as rights
from msgen.description.access import OWNER, PUBLIC, USER, covers
from msgen.description.model import Description
from msgen.description.resource_model import ACTIONS

STRANGER = Name("stranger")
"""A service that calls nobody."""
ANONYMOUS = "anonymous"
"""Caller without an access token."""
METHODS = {"read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True)
class Expectation:
    """What a caller gets, for the generated tests; the row in question belongs to `owner`."""

    caller: Name
    """`anonymous`, `user` (with an account but without roles or rows), `owner` or a role."""
    action: Name
    outcome: str
    """`allowed`, `own` (a list with own rows only) or the status of the refusal."""


@dataclass(frozen=True)
class Access:
    """Grantees by action: `public`, `user`, `owner` or roles."""

    list: tuple[Name, ...]
    read: tuple[Name, ...]
    create: tuple[Name, ...]
    update: tuple[Name, ...]
    delete: tuple[Name, ...]
    owner: Name | None
    """Field with the id of the account that owns a row."""
    roles: tuple[Name, ...]
    """All roles of the system."""
    calling: tuple[Name, ...]
    """Services that call this one."""
    clients: tuple[Name, ...]
    """Services that its tests call it as."""
    limited: bool
    """Whether some field is for fewer callers than the row."""

    def grantees(self, action: str) -> tuple[Name, ...]:
        found: tuple[Name, ...] = getattr(self, action)
        return found

    @property
    def public(self) -> tuple[Name, ...]:
        """Actions that need no access token."""
        return tuple(Name(action) for action in ACTIONS if PUBLIC in self.grantees(action))

    @property
    def public_methods(self) -> tuple[str, ...]:
        """HTTP methods that need no access token."""
        return tuple(method for action, method in METHODS.items() if action in self.public)

    @property
    def trivial(self) -> bool:
        """Whether every account may do everything."""
        return not self.limited and all(self.grantees(action) == (USER,) for action in ACTIONS)

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """Every caller with every action."""
        return tuple(
            Expectation(caller, Name(action), self._outcome(caller, action))
            for caller in self.callers
            for action in ACTIONS
        )

    @property
    def service_expectations(self) -> tuple[Expectation, ...]:
        """Every service with every action; a row that needs an owner is not for services to create."""
        return tuple(
            Expectation(client, Name(action), "allowed" if self._serves(client, action) else "403")
            for client in self.clients
            for action in ACTIONS
        )

    def _serves(self, client: Name, action: str) -> bool:
        return client in self.calling and not (action == "create" and self.owner)

    @property
    def callers(self) -> tuple[Name, ...]:
        return callers(self.roles, owner=bool(self.owner))

    def _outcome(self, caller: str, action: str) -> str:
        grantees = self.grantees(action)
        if action == "list" and OWNER in grantees and caller != ANONYMOUS and not covers(_others(grantees), caller):
            return "own"
        return outcome(caller, grantees, None if action in ("list", "create") else self.read)


def callers(roles: Iterable[Name], *, owner: bool) -> tuple[Name, ...]:
    """Return every kind of caller of a system with these roles."""
    return (Name(ANONYMOUS), Name(USER), *([Name(OWNER)] if owner else []), *roles)


def outcome(caller: str, grantees: tuple[Name, ...], readers: tuple[Name, ...] | None) -> str:
    """Return `allowed` or the status of the refusal; `readers` may read the row in question, if there is one."""
    if caller == ANONYMOUS and PUBLIC not in grantees:
        return "401"
    if covers(grantees, caller):
        return "allowed"
    return "403" if readers is None or covers(readers, caller) else "404"


def _others(grantees: tuple[Name, ...]) -> tuple[Name, ...]:
    return tuple(grantee for grantee in grantees if grantee != OWNER)


def plan_access(description: Description, service: str, resource: str) -> Access | None:
    """Return the access to a resource; None in a system without accounts."""
    if not description.has_accounts:
        return None
    spec = description.services[service].resources[resource]
    owner = rights.owner_field(description, spec)
    grantees = rights.granted(description, spec)
    return Access(
        **{action: tuple(Name(g) for g in grantees[action]) for action in ACTIONS},
        owner=Name(owner) if owner else None,
        roles=tuple(Name(role) for role in rights.roles(description)),
        calling=calling_services(description, service),
        clients=tested_services(description, service),
        limited=any(field.read or field.write for field in spec.fields.values()),
    )


def clients(description: Description) -> tuple[Name, ...]:
    """Return the services with tokens of their own, sorted."""
    if description.identity:
        return ()
    return tuple(Name(name) for name, spec in sorted(description.services.items()) if spec.calls)


def calling_services(description: Description, service: str) -> tuple[Name, ...]:
    """Return the services that call a service with tokens of their own, sorted."""
    return tuple(name for name in clients(description) if service in description.services[name].calls)


def tested_services(description: Description, service: str) -> tuple[Name, ...]:
    """Return services that tests of a service call it as: all that may, and one that may not.

    Only those: otherwise each new service would change the tests of all others.
    """
    calling = calling_services(description, service)
    return (*calling, STRANGER) if clients(description) and STRANGER not in calling else calling


def readers_of_statistics(description: Description) -> tuple[str, ...]:
    """Return who may read what an analytics service counts."""
    return (USER,) if description.defaults.access == "open" else rights.roles(description)
