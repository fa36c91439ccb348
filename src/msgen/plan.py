"""The plan: everything that a description leaves open, resolved. Templates see these objects and nothing else.

A plan knows systems, not languages: names of packages, types and files of a language are the pack's.
All objects are frozen; collections are tuples in the order of the description.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from msgen.model import Description, FieldSpec, MessageField, ServiceSpec, matches
from msgen.naming import Name

SERVICE_PORT = 8000
"""The port that every service listens on in its own container."""

RESOURCE_ACTIONS = ("created", "updated", "deleted")


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
    """`string`, `integer`, `url` (any scheme) or `choice`."""
    value: str
    """What it is in the generated system; `${NAME}` stands for a secret."""
    about: str
    secrets: tuple[Name, ...] = ()
    default: str | None = None
    """What the service itself assumes when it is unset; without one, a missing variable stops the service."""
    choices: tuple[str, ...] = ()


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
    authenticates: bool
    """Whether it checks access tokens: there is an auth service and it serves an API."""
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
    service_port: int = SERVICE_PORT

    @cached_property
    def auth(self) -> Service | None:
        return next((s for s in self.services if s.blueprint == "auth"), None)

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

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({s.language for s in self.services}))

    def service(self, name: str) -> Service:
        return next(s for s in self.services if s.name == name)


def make_plan(description: Description) -> Plan:
    """Resolves a checked description: see `checks` for what it relies on."""
    specs = description.services
    resources_of = {name: tuple(spec.resources) for name, spec in specs.items()}
    events = tuple(_events(description))
    queues = tuple(_queue(description, name) for name in description.queues)
    auth = next((name for name, spec in specs.items() if spec.blueprint == "auth"), None)
    messaging = any(s.sends or s.consumes or s.publishes or s.subscribes for s in specs.values())
    resources = {
        name: tuple(_resource(name, r, spec, events) for r in resources_of[name]) for name, spec in specs.items()
    }
    services = tuple(_service(description, name, resources, queues, events, auth) for name in specs)
    return Plan(
        name=Name(description.name),
        description=description.description,
        broker=description.broker if messaging else None,
        gateway=_gateway(description, services),
        services=services,
        queues=queues,
        events=events,
        secrets=tuple(_secrets(services, messaging)),
    )


def resource_events(description: Description) -> dict[str, tuple[str, str, str]]:
    """The events that need no declaration: name -> (service, resource, action)."""
    return {
        f"{Name(resource).kebab}.{action}": (service, resource, action)
        for service, spec in description.services.items()
        for resource in spec.resources
        for action in RESOURCE_ACTIONS
    }


def _events(description: Description) -> list[Event]:
    """Declared events, then those resource events that somebody publishes."""
    implicit = resource_events(description)
    found = []
    published = dict.fromkeys(e for spec in description.services.values() for e in spec.publishes)
    for name in dict.fromkeys([*description.events, *published]):
        service, resource, action = (None, None, None)
        if name in description.events:
            fields = _fields(description.events[name])
        else:
            service, resource, action = implicit[name]
            fields = resource_payload(description.services[service].resources[resource], action)
        found.append(
            Event(
                name=Name(name),
                fields=fields,
                service=Name(service) if service else None,
                resource=Name(resource) if resource else None,
                action=action,
                publishers=_names(s for s, spec in description.services.items() if name in spec.publishes),
                subscribers=_names(
                    s for s, spec in description.services.items() if any(matches(p, name) for p in spec.subscribes)
                ),
            )
        )
    return found


def resource_payload(specs: Mapping[str, FieldSpec], action: str) -> tuple[Field, ...]:
    """What a resource's event carries: the resource as its API shows it, or just the id of a deleted one."""
    identity = Field(Name("id"), "uuid")
    if action == "deleted":
        return (identity,)
    stamps = (
        Field(Name("version"), "integer"),
        Field(Name("created_at"), "datetime"),
        Field(Name("updated_at"), "datetime"),
    )
    return (identity, *_fields(specs), *stamps)


def _queue(description: Description, name: str) -> Queue:
    specs = description.services.items()
    return Queue(
        name=Name(name),
        fields=_fields(description.queues[name]),
        senders=_names(s for s, spec in specs if name in spec.sends),
        consumer=next((Name(s) for s, spec in specs if name in spec.consumes), None),
    )


def _resource(service: str, name: str, spec: ServiceSpec, events: tuple[Event, ...]) -> Resource:
    fields = tuple(resource_field(Name(f), field, service) for f, field in spec.resources[name].items())
    return Resource(
        name=Name(name),
        service=Name(service),
        path=resource_path(name),
        fields=fields,
        events=tuple(e for e in events if e.service == service and e.resource == name and service in e.publishers),
        created_with=fields,
    )


def resource_path(name: str) -> str:
    return f"/{Name(name).plural.kebab}"


def _fields(specs: Mapping[str, MessageField]) -> tuple[Field, ...]:
    return tuple(_field(Name(name), spec) for name, spec in specs.items())


def _field(name: Name, spec: MessageField) -> Field:
    return Field(
        name=name,
        type="enum" if spec.enum else spec.type,
        optional=spec.optional,
        enum=spec.enum,
        min=spec.min,
        max=spec.max,
    )


def resource_field(name: Name, spec: FieldSpec, service: str) -> Field:
    reference = None
    if spec.references:
        target, resource = spec.references.split(".")
        reference = Reference(Name(target), Name(resource), remote=target != service)
    return replace(_field(name, spec), default=spec.default, unique=spec.unique, reference=reference)


def _service(
    description: Description,
    name: str,
    resources: dict[str, tuple[Resource, ...]],
    queues: tuple[Queue, ...],
    events: tuple[Event, ...],
    auth: str | None,
) -> Service:
    spec = description.services[name]
    database = spec.database or description.defaults.database
    service = Service(
        name=Name(name),
        description=spec.description,
        language=spec.language or description.defaults.language,
        blueprint=spec.blueprint,
        database=None if database == "none" else database,
        port=spec.port,
        resources=resources[name],
        calls=tuple(_call(other, resources[other]) for other in spec.calls),
        sends=tuple(q for q in queues if q.name in spec.sends),
        consumes=tuple(q for q in queues if q.name in spec.consumes),
        publishes=tuple(e for e in events if e.name in spec.publishes),
        patterns=spec.subscribes,
        subscribes=tuple(e for e in events if name in e.subscribers),
        variables=(),
        authenticates=auth is not None and (bool(spec.resources) or spec.blueprint in ("auth", "analytics")),
    )
    return replace(service, variables=tuple(_variables(service, description.name, auth)))


def _call(name: str, resources: tuple[Resource, ...]) -> Call:
    return Call(
        name=Name(name),
        url=f"http://{name}:{SERVICE_PORT}",
        variable=Name(f"{Name(name).constant}_URL"),
        resources=resources,
    )


def _variables(service: Service, system: str, auth: str | None) -> list[Variable]:
    levels = ("debug", "info", "warning", "error")
    found = [
        Variable(Name("LOG_LEVEL"), "choice", "info", "Least severe log lines that are written", (), "info", levels),
        Variable(
            Name("SHUTDOWN_SECONDS"), "integer", "20", "How long requests and messages in hand may take", (), "20"
        ),
    ]
    if service.database:
        secret = database_secret(service.name)
        role = service.name.snake
        url = f"postgresql://{role}:${{{secret}}}@postgres:5432/{role}"
        found.append(Variable(Name("DATABASE_URL"), "url", url, "Its own database", (secret,)))
    if service.messaging:
        secret = Name("BROKER_PASSWORD")
        url = f"amqp://{Name(system).snake}:${{{secret}}}@rabbitmq:5672/"
        found.append(Variable(Name("BROKER_URL"), "url", url, "The message broker", (secret,)))
    found += [Variable(c.variable, "url", c.url, f"The {c.name} service") for c in service.calls]
    if auth and (service.authenticates or service.blueprint == "auth"):
        found += [
            Variable(Name("TOKEN_ISSUER"), "string", system, "Who issues access tokens"),
            Variable(Name("TOKEN_AUDIENCE"), "string", system, "Whom access tokens are for"),
        ]
        if service.blueprint == "auth":
            found += [
                Variable(
                    Name("SIGNING_KEY"),
                    "string",
                    "${SIGNING_KEY}",
                    "P-256 private key that signs access tokens: PKCS #8 PEM in base64",
                    (Name("SIGNING_KEY"),),
                ),
                Variable(
                    Name("ACCESS_TOKEN_SECONDS"), "integer", "900", "How long an access token is valid", (), "900"
                ),
                Variable(
                    Name("REFRESH_TOKEN_SECONDS"),
                    "integer",
                    "1209600",
                    "How long a refresh token is valid",
                    (),
                    "1209600",
                ),
            ]
        else:
            url = f"http://{auth}:{SERVICE_PORT}/.well-known/jwks.json"
            found.append(Variable(Name("JWKS_URL"), "url", url, "Public keys that access tokens are checked with"))
    if service.mails:
        found += [
            Variable(Name("SMTP_URL"), "url", "smtp://mail:1025", "Mail server: smtp://[user:password@]host:port"),
            Variable(Name("MAIL_FROM"), "string", f"{system}@example.com", "Sender of its mails"),
        ]
    return found


def database_secret(service: str) -> Name:
    return Name(f"{Name(service).constant}_DATABASE_PASSWORD")


def _secrets(services: tuple[Service, ...], messaging: bool) -> list[Secret]:
    found = []
    if any(s.database for s in services):
        found.append(Secret(Name("POSTGRES_PASSWORD"), "password", "Administrator of the database server"))
    found += [Secret(database_secret(s.name), "password", f"Database user of {s.name}") for s in services if s.database]
    if messaging:
        found.append(Secret(Name("BROKER_PASSWORD"), "password", "User of the message broker"))
    if any(s.blueprint == "auth" for s in services):
        found.append(Secret(Name("SIGNING_KEY"), "ec-key", "Signs access tokens"))
    return found


def _gateway(description: Description, services: tuple[Service, ...]) -> Gateway:
    rate, _, unit = description.gateway.rate_limit.partition("/")
    return Gateway(
        port=description.gateway.port,
        rate=int(rate),
        rate_seconds={"s": 1, "m": 60, "h": 3600}[unit],
        cors=description.gateway.cors,
        routes=tuple(sorted(_routes(services), key=lambda r: (-len(r.prefix), r.prefix))),
    )


def _routes(services: tuple[Service, ...]) -> list[Route]:
    """A service's own prefix, its resources, and what the auth service shows to everybody."""
    auth = next((s for s in services if s.blueprint == "auth"), None)
    found = {}
    for service in services:
        for prefix in (f"/{service.name}", *(r.path for r in service.resources)):
            found[prefix] = Route(prefix, service.name, authenticated=auth is not None)
    if auth:
        for action in ("register", "login", "refresh", "logout"):
            path = f"/{auth.name}/{action}"
            found[path] = Route(path, auth.name, exact=True, authenticated=False)
        keys = "/.well-known/jwks.json"
        found[keys] = Route(keys, auth.name, exact=True, authenticated=False)
    return list(found.values())


def _names(names: Iterable[str]) -> tuple[Name, ...]:
    return tuple(Name(n) for n in names)
