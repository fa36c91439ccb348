"""Format of `msgen.yaml`, version 1, as pydantic models.

Models check shapes and single values; rules that relate several locations are in `rules`. The descriptions of keys are
user documentation: the JSON Schema shows them in editors.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from msgen.description.field_model import MessageFields, Strict, Text
from msgen.description.job_model import Jobs
from msgen.description.operation_model import Operations, OperationSpec
from msgen.description.patterns import (
    AUDIENCE,
    CLAIM,
    CPU,
    EVENT,
    HOST,
    ISSUER,
    LABEL,
    MEMORY,
    ORIGIN,
    PATTERN,
    RATE,
    REGISTRY,
    TAG,
)
from msgen.description.publication import Publication
from msgen.description.resource_model import ResourceName, ResourceSpec, long_form
from msgen.description.setting_model import Settings

# The system's name prefixes container and database names; services become DNS labels and database roles.
SystemName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=30)]
ServiceName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=30)]
QueueName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=40)]
EventName = Annotated[str, StringConstraints(strict=True, pattern=EVENT, max_length=60)]
RoleName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=30)]
RateLimit = Annotated[str, StringConstraints(strict=True, pattern=RATE)]
Origin = Annotated[str, StringConstraints(strict=True, pattern=ORIGIN, max_length=200)]
Issuer = Annotated[str, StringConstraints(strict=True, pattern=ISSUER, max_length=200)]
Audience = Annotated[str, StringConstraints(strict=True, pattern=AUDIENCE, max_length=200)]
Claim = Annotated[str, StringConstraints(strict=True, pattern=CLAIM, max_length=200)]
Cpu = Annotated[str, StringConstraints(strict=True, pattern=CPU)]
Memory = Annotated[str, StringConstraints(strict=True, pattern=MEMORY)]
Host = Annotated[str, StringConstraints(strict=True, pattern=HOST, max_length=253)]
Tag = Annotated[str, StringConstraints(strict=True, pattern=TAG, max_length=128)]
Registry = Annotated[str, StringConstraints(strict=True, pattern=REGISTRY, max_length=120)]

# Names declared elsewhere: `rules` resolves them, with better messages than a pattern.
PackFolder = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=300)]
ServiceMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": LABEL})]
QueueMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": LABEL})]
EventPattern = Annotated[str, Field(strict=True, json_schema_extra={"pattern": PATTERN})]

Port = Annotated[int, Field(ge=1024, le=65535, strict=True)]
Replicas = Annotated[int, Field(ge=1, le=1000, strict=True)]
Percent = Annotated[int, Field(ge=10, le=100, strict=True)]


class Defaults(Strict):
    """Defaults for all services."""

    language: Annotated[str, Field(strict=True)] = Field("python", description="Default language of the services.")
    database: Literal["postgres", "none"] = Field("postgres", description="Default database of the services.")
    access: Literal["owner", "open"] = Field(
        "owner",
        description="Default access to resources in a system with accounts: `owner` (accounts see and change "
        "their own rows only), or `open` (every account sees and changes all rows).",
    )


class IdentitySpec(Strict):
    """OpenID provider that issues access tokens in place of an auth service."""

    issuer: Issuer = Field(description="Issuer, as in its discovery document: `https://sso.example.com/realms/acme`.")
    audience: Audience | None = Field(
        None, description="Audience of access tokens for this system. Default: the name of the system."
    )
    roles_claim: Claim = Field(
        "roles",
        description="Claim with the roles of an account: a path such as `realm_access.roles`, or a claim whose name is "
        "a URL.",
    )


class GatewaySpec(Strict):
    """API gateway: the only published port of the system."""

    port: Port = Field(8080, description="Port on the host.")
    rate_limit: RateLimit = Field("100/s", description="Requests per client in a second (s), minute (m) or hour (h).")
    cors: tuple[Origin, ...] = Field((), description="Allowed CORS origins, such as `https://shop.example.com`.")


class AutoscaleSpec(Strict):
    """Horizontal autoscaling."""

    max: Replicas | None = Field(None, description="Maximum replica count.")
    cpu: Percent | None = Field(None, description="Target CPU utilization in per cent of the request.")


class ScaleSpec(Strict):
    """Replicas of a service and their size."""

    replicas: Replicas | None = Field(None, description="Minimum replica count.")
    autoscale: AutoscaleSpec = Field(default_factory=lambda: AutoscaleSpec.model_validate({}))
    cpu: Cpu | None = Field(None, description="CPU request of a replica: `250m` is a quarter of a core.")
    memory: Memory | None = Field(None, description="Memory request and limit of a replica: `256Mi`, `1Gi`.")


class KubernetesSpec(ScaleSpec):
    """Kubernetes deployment; its scale applies to the gateway and to each service."""

    host: Host | None = Field(None, description="Public host name: `shop.example.com`.")


class DeploySpec(Strict):
    """Deployment."""

    registry: Registry | None = Field(None, description="Image registry prefix: `ghcr.io/acme`.")
    tag: Tag = Field("0.1.0", description="Image tag, until a release sets another one for a service.")
    kubernetes: KubernetesSpec = Field(default_factory=lambda: KubernetesSpec.model_validate({}))


class Observability(Strict):
    """Observability components, each of them optional."""

    metrics: Literal["prometheus", "none"] = Field(
        "prometheus", description="Metrics: `prometheus` with alerts and Grafana dashboards, or `none`."
    )
    logs: Literal["elk", "stdout"] = Field(
        "stdout", description="Logs: `stdout`, or `elk` to collect them in Elasticsearch and Kibana."
    )
    traces: Literal["jaeger", "none"] = Field("none", description="Distributed traces: `jaeger`, or `none`.")


class ServiceSpec(Strict):
    """A service with its own code, image and, optionally, database."""

    description: Text = Field("", description="Purpose of the service, in one line.")
    blueprint: Literal["auth", "mailer", "analytics"] | None = Field(
        None,
        description="Predefined kind of service: `auth` manages accounts and issues tokens, `mailer` sends a mail for "
        "each message of its queues, `analytics` counts the events that it subscribes to.",
    )
    language: Annotated[str, Field(strict=True)] | None = Field(None, description="Language of the service.")
    database: Literal["postgres", "none"] | None = Field(None, description="Database of the service, or `none`.")
    port: Port | None = Field(None, description="Host port that exposes the service directly, bypassing the gateway.")
    resources: dict[ResourceName, Annotated[ResourceSpec, BeforeValidator(long_form)]] = Field(
        {},
        description="Resources that it serves over REST, named in the singular: `order: {total: decimal}`, which is "
        "short for `order: {fields: {total: decimal}}`.",
    )
    operations: Operations = Field(
        {},
        description="Operations that belong to no resource: `quote: {get: /quotes/{country}, output: {price: "
        "decimal}}`.",
    )
    calls: tuple[ServiceMention, ...] = Field((), description="Services that it calls over REST.")
    sends: tuple[QueueMention, ...] = Field((), description="Queues that it sends to.")
    consumes: tuple[QueueMention, ...] = Field((), description="Queues that it consumes; a queue has one consumer.")
    publishes: tuple[Publication, ...] = Field(
        (),
        description="Events that it publishes; events of its resources (`order.created`) need no declaration, and "
        "carry the whole resource unless fields are listed: `order.created: [total]`.",
    )
    subscribes: tuple[EventPattern, ...] = Field(
        (), description="Events that it handles, by name or pattern: `*` matches one word, `#` any number of words."
    )
    jobs: Jobs = Field(
        {},
        max_length=100,
        description="Functions that run at their times, once for all replicas: `nightly: {cron: '0 3 * * *'}`.",
    )
    settings: Settings = Field(
        {},
        max_length=100,
        description="Its own environment variables by name: `tax_rate: {type: decimal, default: 0.19}` is "
        "`TAX_RATE`; `currency: string` is short for `{type: string}`.",
    )
    kubernetes: ScaleSpec = Field(
        default_factory=lambda: ScaleSpec.model_validate({}),
        description="Scale in Kubernetes; overrides `deploy.kubernetes`.",
    )

    @cached_property
    def all_operations(self) -> tuple[OperationSpec, ...]:
        """Operations of its resources and of its own."""
        of_resources = (operation for resource in self.resources.values() for operation in resource.operations.values())
        return (*of_resources, *self.operations.values())

    @cached_property
    def emitted(self) -> tuple[Publication, ...]:
        """Events that it publishes, those of its operations included."""
        of_operations = (event for operation in self.all_operations for event in operation.publishes)
        return tuple(dict.fromkeys((*self.publishes, *of_operations)))


class Description(Strict):
    """A system of services."""

    msgen: Annotated[int, Field(strict=True, ge=1, le=1)] = Field(description="Version of this format: 1.")
    packs: tuple[PackFolder, ...] = Field(
        (), max_length=20, description="Directories of template packs besides the built-in ones, relative to this file."
    )
    name: SystemName = Field(description="Name of the system: lower-case letters, digits and hyphens.")
    description: Text = Field("", description="Purpose of the system, in one line.")
    defaults: Defaults = Field(default_factory=lambda: Defaults.model_validate({}))
    broker: Literal["rabbitmq"] = Field("rabbitmq", description="Message broker.")
    gateway: GatewaySpec = Field(default_factory=lambda: GatewaySpec.model_validate({}))
    discovery: Literal["dns", "consul", "eureka"] = Field(
        "dns", description="Service discovery for services and the gateway: `dns`, `consul` or `eureka`."
    )
    observability: Observability = Field(default_factory=lambda: Observability.model_validate({}))
    identity: IdentitySpec | None = Field(None, description="OpenID provider that issues access tokens.")
    roles: tuple[RoleName, ...] = Field(
        (),
        max_length=20,
        description="Roles of accounts besides `admin`, which grants them. Everybody is `public`, and every account a "
        "`user`.",
    )
    queues: dict[QueueName, Annotated[MessageFields, Field(min_length=1)]] = Field(
        {}, description="Work queues with the fields of their messages; each message is handled once, by one service."
    )
    events: dict[EventName, Annotated[MessageFields, Field(min_length=1)]] = Field(
        {}, description="Events with their fields; every subscriber receives every event."
    )
    services: dict[ServiceName, ServiceSpec] = Field(min_length=1, max_length=1000, description="Services by name.")
    deploy: DeploySpec = Field(default_factory=lambda: DeploySpec.model_validate({}))

    @cached_property
    def has_accounts(self) -> bool:
        """Whether access tokens are checked: an auth service or an OpenID provider issues them."""
        return self.identity is not None or any(spec.blueprint == "auth" for spec in self.services.values())
