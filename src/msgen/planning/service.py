"""Services, with their calls and environment."""

from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.auth_messages import occasion
from msgen.planning.deployment import Scale
from msgen.planning.jobs import Job
from msgen.planning.messages import Event, Queue
from msgen.planning.operations import Operation
from msgen.planning.resources import Resource, ResourceChange
from msgen.planning.settings import Setting


@dataclass(frozen=True)
class Call:
    """A REST call to another service."""

    name: Name
    """Name of the called service."""
    url: str
    """Base URL inside the system."""
    variable: Name
    """Environment variable with the URL."""
    resources: tuple[Resource, ...]
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True)
class Secret:
    """A value in `.env`; generated on the user's machine and never committed."""

    name: Name
    kind: str
    """`password` (48 hexadecimal digits), `ec-key` (a P-256 private key, PKCS #8 PEM in base64) or `placeholder`."""
    about: str
    placeholder: str = ""


@dataclass(frozen=True)
class Variable:
    """An environment variable of a service."""

    name: Name
    type: str
    """`string`, `integer` (positive), `ratio` (0 to 1), `url` (any scheme) or `choice`; see `setting` for its types."""
    value: str
    """Value in the generated system; `${NAME}` is a secret."""
    about: str
    secrets: tuple[Name, ...] = ()
    default: str | None = None
    """Default if unset; without a default, the service does not start."""
    choices: tuple[str, ...] = ()
    outside: bool = False
    """Whether it may point outside the system: a managed database, a mail server."""
    setting: Setting | None = None
    """The setting of the description that declares it, if no pack does."""

    @property
    def sensitive(self) -> bool:
        """Whether it contains a secret, in this system or in a deployment."""
        return self.outside or bool(self.secrets)


@dataclass(frozen=True)
class Service:
    name: Name
    description: str
    language: str
    blueprint: str | None
    database: str | None
    """`postgres` or None."""
    port: int | None
    """Host port on the loopback interface that exposes the service directly, bypassing the gateway."""
    resources: tuple[Resource, ...]
    operations: tuple[Operation, ...]
    """Those of its resources and its own."""
    calls: tuple[Call, ...]
    sends: tuple[Queue, ...]
    consumes: tuple[Queue, ...]
    publishes: tuple[Event, ...]
    patterns: tuple[str, ...]
    """Subscription patterns, for the bindings of its event queue."""
    subscribes: tuple[Event, ...]
    """Events that the patterns match."""
    variables: tuple[Variable, ...]
    """Environment; empty until `rendering.environment` adds the variables that packs declare."""
    authenticates: bool
    """Whether it verifies access tokens: the system has accounts and this service an API."""
    scale: Scale
    jobs: tuple[Job, ...] = ()
    callers: tuple[Name, ...] = ()
    """Services that call it."""
    identified: bool = False
    """Whether it has credentials of its own, for calls that no user causes."""
    settings: tuple[Setting, ...] = ()
    """Those of `variables` that the description declares."""
    stats_access: tuple[Name, ...] = ()
    """Who may read the statistics of the analytics blueprint."""
    changes: tuple[ResourceChange, ...] = ()
    """Changes of its resources since creation, in order of their dependencies."""

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
        """Whether it serves more than health and metrics."""
        return bool(self.resources or self.operations) or self.blueprint in ("auth", "analytics")

    @property
    def explicit_events(self) -> tuple[Event, ...]:
        """Events that its own code publishes, rather than changes of its resources."""
        return tuple(e for e in self.publishes if e.service != self.name)

    def messages_on(self, *occasions: str) -> tuple[Queue | Event, ...]:
        """Return what the auth blueprint sends on `registration`, `deletion`, `reset` or `verification`."""
        sent: tuple[Queue | Event, ...] = (*self.sends, *self.explicit_events) if self.blueprint == "auth" else ()
        return tuple(m for m in sent if occasion(m.name) in occasions)
