"""The plan: everything that a description leaves open, resolved. Templates see these objects and nothing else.

A plan knows systems, not languages: names of packages, types and files of a language are the pack's.
All objects are frozen; collections are tuples in the order of the description.
"""

from dataclasses import dataclass
from functools import cached_property

from msgen.core.naming import Name

SERVICE_PORT = 8000
"""The port that every service listens on in its own container."""
GATEWAY_PORT = 8080
"""The same of the gateway."""


@dataclass(frozen=True)
class Reference:
    """What a field points at: a resource of the same service (a foreign key) or of another one (asked by REST)."""

    service: Name
    resource: Name
    remote: bool


@dataclass(frozen=True)
class Field:
    name: Name
    type: str
    """One of `model.FieldType`, or `enum`."""
    optional: bool = False
    enum: tuple[str, ...] = ()
    default: str | int | float | bool | None = None
    min: int | float | None = None
    max: int | float | None = None
    unique: bool = False
    reference: Reference | None = None

    @property
    def required(self) -> bool:
        """Whether a client must send it."""
        return not self.optional and self.default is None


@dataclass(frozen=True)
class Event:
    """A fact on the event bus; `resource` is set for those that a resource's own changes publish."""

    name: Name
    fields: tuple[Field, ...]
    service: Name | None
    """The service that owns the resource, for a resource's event."""
    resource: Name | None
    action: str | None
    """`created`, `updated` or `deleted`, for a resource's event."""
    publishers: tuple[Name, ...]
    subscribers: tuple[Name, ...]


@dataclass(frozen=True)
class Queue:
    """A work queue: each message is handled once, by its one consumer."""

    name: Name
    fields: tuple[Field, ...]
    senders: tuple[Name, ...]
    consumer: Name | None


@dataclass(frozen=True)
class Resource:
    name: Name
    service: Name
    path: str
    """Of the collection, the same at the gateway and in the service: `/orders`."""
    fields: tuple[Field, ...]
    events: tuple[Event, ...]
    """Those that its changes publish, at most one per action."""
    created_with: tuple[Field, ...]
    """The fields that its table was created with; `Service.changes` lead from them to `fields`."""

    @property
    def references(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.reference)

    @property
    def remote_references(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.reference and f.reference.remote)

    @property
    def unique_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.unique)


@dataclass(frozen=True)
class ResourceChange:
    """One step in the life of a resource after its creation: one migration."""

    name: Name
    """Twelve hexadecimal digits. A resource's creation has `("create " ~ resource)|digest`."""
    resource: Name
    after: tuple[Name, ...]
    """The changes, or the creation, that it follows: more than one where branches were merged."""
    number: Name
    """From `001`; higher than those of the changes that it follows."""
    creates: bool
    """Whether the resource had been dropped before, and begins anew with the fields that are added."""
    drops: bool
    """Whether the resource goes."""
    added: tuple[Field, ...]
    removed: tuple[Field, ...]
    changed: tuple[tuple[Field, Field], ...]
    """What a field was, and what it is; they differ in type, being optional, being unique, or what they refer to."""


@dataclass(frozen=True)
class Call:
    """A REST call to another service."""

    name: Name
    """The service that is called."""
    url: str
    """Its base URL inside the system."""
    variable: Name
    """The environment variable that holds the URL."""
    resources: tuple[Resource, ...]


@dataclass(frozen=True)
class Secret:
    """A value that `.env` holds; made on the user's machine and never in git."""

    name: Name
    kind: str
    """`password` (48 hexadecimal digits) or `ec-key` (a P-256 private key, PKCS #8 PEM in base64)."""
    about: str


@dataclass(frozen=True)
class Variable:
    """A setting of a service, read from the environment."""

    name: Name
    type: str
    """`string`, `integer`, `ratio` (0 to 1), `url` (any scheme) or `choice`."""
    value: str
    """What it is in the generated system; `${NAME}` stands for a secret."""
    about: str
    secrets: tuple[Name, ...] = ()
    default: str | None = None
    """What the service itself assumes when it is unset; without one, a missing variable stops the service."""
    choices: tuple[str, ...] = ()
    outside: bool = False
    """Whether it leads to something that may be outside the system: a managed database, a mail server."""

    @property
    def sensitive(self) -> bool:
        """Whether it holds a secret, or does where the system runs elsewhere."""
        return self.outside or bool(self.secrets)


@dataclass(frozen=True)
class Route:
    """A path prefix that the gateway sends to a service, unchanged."""

    prefix: str
    service: Name
    exact: bool = False
    authenticated: bool = True
    """Whether the gateway asks for a valid access token."""


@dataclass(frozen=True)
class Gateway:
    port: int
    """Published on the host."""
    rate: int
    """Requests that one client may make in `rate_seconds`."""
    rate_seconds: int
    cors: tuple[str, ...]
    routes: tuple[Route, ...]
    """Longest prefix first."""


@dataclass(frozen=True)
class Scale:
    """Replicas in a cluster, and the size of each; quantities are in the notation of Kubernetes."""

    replicas: int
    """At least, and without load."""
    max_replicas: int
    target_cpu: int
    """Per cent of `cpu` above which there are more replicas."""
    cpu: str
    """What each asks for."""
    cpu_limit: str
    memory: str
    """What each asks for, and its limit."""

    @property
    def autoscaled(self) -> bool:
        return self.max_replicas > self.replicas


@dataclass(frozen=True)
class Quota:
    """What the whole system may ask for: enough for all its replicas, roughly, so that it seldom changes."""

    pods: int
    cpu: int
    """Whole ones that are asked for."""
    cpu_limit: int
    memory: int
    """In GiB."""


@dataclass(frozen=True)
class Deploy:
    registry: str
    """What stands before the names of images, with its slash; empty where nothing does."""
    tag: str
    host: str | None
    gateway: Scale
    quota: Quota


@dataclass(frozen=True)
class Service:
    name: Name
    description: str
    language: str
    blueprint: str | None
    database: str | None
    """`postgres` or None."""
    port: int | None
    """A port of the host, on the loopback interface, that reaches the service without the gateway."""
    resources: tuple[Resource, ...]
    calls: tuple[Call, ...]
    sends: tuple[Queue, ...]
    consumes: tuple[Queue, ...]
    publishes: tuple[Event, ...]
    patterns: tuple[str, ...]
    """Subscriptions as written, for the bindings of its queue of events."""
    subscribes: tuple[Event, ...]
    """The events that the patterns select."""
    variables: tuple[Variable, ...]
    """Its environment; packs declare it, so `rendering.environment` fills it in."""
    authenticates: bool
    """Whether it checks access tokens: there is an auth service and it serves an API."""
    scale: Scale
    changes: tuple[ResourceChange, ...] = ()
    """Of its resources, since they were created; in an order in which they can be made."""

    @property
    def emits(self) -> bool:
        return bool(self.sends or self.publishes)

    @property
    def receives(self) -> bool:
        return bool(self.consumes or self.subscribes)

    @property
    def messaging(self) -> bool:
        return self.emits or self.receives

    @property
    def outbox(self) -> bool:
        return bool(self.database and self.emits)

    @property
    def inbox(self) -> bool:
        return bool(self.database and self.receives)

    @property
    def mails(self) -> bool:
        return self.blueprint == "mailer"

    @property
    def api(self) -> bool:
        """Whether it serves more than health and metrics from the first day."""
        return bool(self.resources) or self.blueprint in ("auth", "analytics")

    @property
    def explicit_events(self) -> tuple[Event, ...]:
        """What it publishes from its own code, rather than by a change of a resource of its own."""
        return tuple(e for e in self.publishes if e.service != self.name)


@dataclass(frozen=True)
class Plan:
    name: Name
    description: str
    broker: str | None
    """`rabbitmq`, or None where no service sends or receives messages."""
    gateway: Gateway
    services: tuple[Service, ...]
    queues: tuple[Queue, ...]
    events: tuple[Event, ...]
    secrets: tuple[Secret, ...]
    """Likewise declared by packs."""
    deploy: Deploy
    discovery: str
    """`dns`, `consul` or `eureka`."""
    metrics: str | None
    """`prometheus` or None."""
    logs: str | None
    """`elk`, or None where logs go to stdout alone."""
    traces: str | None
    """`jaeger` or None."""
    service_port: int = SERVICE_PORT

    @cached_property
    def auth(self) -> Service | None:
        return next((s for s in self.services if s.blueprint == "auth"), None)

    @property
    def registry(self) -> bool:
        """Whether services register, and find each other by that rather than by DNS."""
        return self.discovery != "dns"

    @property
    def mails(self) -> bool:
        return any(s.mails for s in self.services)

    @property
    def databases(self) -> tuple[Service, ...]:
        """The services that have a database."""
        return tuple(s for s in self.services if s.database)

    @property
    def apis(self) -> tuple[Service, ...]:
        """The services whose API clients reach through the gateway."""
        return tuple(s for s in self.services if s.api)

    @property
    def resources(self) -> tuple[Resource, ...]:
        return tuple(r for s in self.services for r in s.resources)

    def called_by(self, service: Service) -> tuple[Service, ...]:
        """The services that one sends requests to: for their resources, or for the keys that it checks tokens with."""
        names = {c.name for c in service.calls}
        if self.auth and service.authenticates and not self.registry:
            names.add(self.auth.name)  # otherwise the gateway has the keys
        return tuple(s for s in self.services if s.name in names - {service.name})

    @property
    def hears_auth(self) -> bool:
        """Whether anybody receives what the auth service sends and publishes."""
        sent = self.auth.sends if self.auth else ()
        return any(q.consumer for q in sent) or any(e.subscribers for e in self._events_of_auth)

    @property
    def counts_auth(self) -> bool:
        """Whether an analytics service counts what the auth service publishes."""
        counted = {e.name for s in self.services if s.blueprint == "analytics" for e in s.subscribes}
        return any(e.name in counted for e in self._events_of_auth)

    @property
    def mails_auth(self) -> bool:
        """Whether a mailer handles what the auth service sends."""
        mailers = {s.name for s in self.services if s.mails}
        return bool(self.auth and any(q.consumer in mailers for q in self.auth.sends))

    @property
    def _events_of_auth(self) -> tuple[Event, ...]:
        return self.auth.publishes if self.auth else ()

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({s.language for s in self.services}))

    def service(self, name: str) -> Service:
        return next(s for s in self.services if s.name == name)
