"""The plan: a description with all defaults and references resolved. Templates see only these objects.

A plan describes systems, not languages: names of packages, types and files belong to the packs. All objects are frozen;
collections are tuples; services, queues and events are sorted by name.
"""

from dataclasses import dataclass
from functools import cached_property

from msgen.core.naming import Name
from msgen.planning.deployment import Deploy, Gateway
from msgen.planning.identity import Identity
from msgen.planning.messages import Event, Queue
from msgen.planning.resources import Resource
from msgen.planning.service import Secret, Service

SERVICE_PORT = 8000
"""Port that services listen on in their containers."""
GATEWAY_PORT = 8080
"""Port that the gateway listens on in its container."""


@dataclass(frozen=True)
class Plan:
    name: Name
    description: str
    broker: str | None
    """`rabbitmq`, or None if no service sends or receives messages."""
    gateway: Gateway
    services: tuple[Service, ...]
    roles: tuple[Name, ...]
    """Roles of accounts, sorted; empty without accounts."""
    identity: Identity | None
    """OpenID provider that issues access tokens in place of an auth service."""
    queues: tuple[Queue, ...]
    events: tuple[Event, ...]
    secrets: tuple[Secret, ...]
    """Empty until `rendering.environment` adds the secrets that packs declare."""
    deploy: Deploy
    discovery: str
    """`dns`, `consul` or `eureka`."""
    metrics: str | None
    """`prometheus` or None."""
    logs: str | None
    """`elk`, or None if logs go to stdout only."""
    traces: str | None
    """`jaeger` or None."""
    service_port: int = SERVICE_PORT

    @cached_property
    def auth(self) -> Service | None:
        return next((s for s in self.services if s.blueprint == "auth"), None)

    @property
    def accounts(self) -> bool:
        """Whether access tokens are checked: an auth service or an OpenID provider issues them."""
        return bool(self.auth or self.identity)

    @property
    def registry(self) -> bool:
        """Whether services use a registry rather than DNS for discovery."""
        return self.discovery != "dns"

    @property
    def clients(self) -> tuple[Service, ...]:
        """Services with an identity, in the sense of OAuth 2.0."""
        return tuple(s for s in self.services if s.identified)

    @property
    def mails(self) -> bool:
        return any(s.mails for s in self.services)

    @property
    def databases(self) -> tuple[Service, ...]:
        """Services with a database."""
        return tuple(s for s in self.services if s.database)

    @property
    def jobs(self) -> tuple[Service, ...]:
        """Services with jobs."""
        return tuple(s for s in self.services if s.jobs)

    @property
    def apis(self) -> tuple[Service, ...]:
        """Services with an API at the gateway."""
        return tuple(s for s in self.services if s.api)

    @property
    def resources(self) -> tuple[Resource, ...]:
        return tuple(r for s in self.services for r in s.resources)

    def called_by(self, service: Service) -> tuple[Service, ...]:
        """Return the services that a service sends requests to: for resources, for keys of tokens, for tokens."""
        names = {c.name for c in service.calls}
        # With a registry, the gateway serves the keys.
        if self.auth and (service.identified or (service.authenticates and not self.registry)):
            names.add(self.auth.name)
        return tuple(s for s in self.services if s.name in names - {service.name})

    @property
    def hears_auth(self) -> bool:
        """Whether any message about a registration has a receiver."""
        return any(m.receivers for m in self.registration_messages)

    @property
    def counts_auth(self) -> bool:
        """Whether an analytics service counts the auth service's events."""
        counted = {e.name for s in self.services if s.blueprint == "analytics" for e in s.subscribes}
        return any(m.name in counted for m in self.registration_messages)

    @property
    def mails_auth(self) -> bool:
        """Whether somebody who registers gets a mail."""
        mailed = {q.name for s in self.services if s.mails for q in s.consumes}
        return any(m.name in mailed for m in self.registration_messages)

    @property
    def registration_messages(self) -> tuple[Queue | Event, ...]:
        """Messages that the auth service sends when somebody registers."""
        return self.auth.messages_on("registration", "verification") if self.auth else ()

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({s.language for s in self.services}))

    def service(self, name: str) -> Service:
        return next(s for s in self.services if s.name == name)
