"""The format of `msgen.yaml`, version 1: what a user may write, as pydantic models.

Only shapes and the rules of a single value live here; rules that relate several places are in `checks`.
Descriptions of keys are the user's documentation: the JSON Schema shows them in editors.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

LABEL = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
SNAKE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
EVENT = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)+$"
PATTERN = r"^([a-z][a-z0-9]*(-[a-z0-9]+)*|\*|#)(\.([a-z][a-z0-9]*(-[a-z0-9]+)*|\*|#))*$"
CHOICE = r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$"
REFERENCE = r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$"
RATE = r"^[1-9][0-9]{0,6}/(s|m|h)$"
CPU = r"^([1-9][0-9]{0,4}m|[1-9][0-9]?)$"
MEMORY = r"^[1-9][0-9]{0,4}(Mi|Gi)$"
HOST = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
REGISTRY = r"^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$"
TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
ORIGIN = r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$"

FieldType = Literal[
    "string",
    "text",
    "email",
    "url",
    "uuid",
    "integer",
    "number",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "json",
]
JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""Invisible, but part of how Persian and emoji are written."""
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)


# A system's name prefixes container and database names; services become DNS labels and database roles.
SystemName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=30)]
ServiceName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=30)]
QueueName = Annotated[str, StringConstraints(strict=True, pattern=LABEL, max_length=40)]
EventName = Annotated[str, StringConstraints(strict=True, pattern=EVENT, max_length=60)]
ResourceName = Annotated[str, StringConstraints(strict=True, pattern=SNAKE, max_length=40)]
FieldName = Annotated[str, StringConstraints(strict=True, pattern=SNAKE, max_length=40)]
Choice = Annotated[str, StringConstraints(strict=True, pattern=CHOICE, max_length=40)]
RateLimit = Annotated[str, StringConstraints(strict=True, pattern=RATE)]
Origin = Annotated[str, StringConstraints(strict=True, pattern=ORIGIN, max_length=200)]
Cpu = Annotated[str, StringConstraints(strict=True, pattern=CPU)]
Memory = Annotated[str, StringConstraints(strict=True, pattern=MEMORY)]
Host = Annotated[str, StringConstraints(strict=True, pattern=HOST, max_length=253)]
Tag = Annotated[str, StringConstraints(strict=True, pattern=TAG, max_length=128)]
Registry = Annotated[str, StringConstraints(strict=True, pattern=REGISTRY, max_length=120)]

# Names of what is declared elsewhere: `checks` looks them up, and says more than a pattern could.
ServiceMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": LABEL})]
QueueMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": LABEL})]
EventMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": EVENT})]
EventPattern = Annotated[str, Field(strict=True, json_schema_extra={"pattern": PATTERN})]
ResourceMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": REFERENCE})]

Flag = Annotated[bool, Field(strict=True)]
Port = Annotated[int, Field(ge=1024, le=65535, strict=True)]
Replicas = Annotated[int, Field(ge=1, le=1000, strict=True)]
Percent = Annotated[int, Field(ge=10, le=100, strict=True)]
Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)]


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    if not text.translate(JOINERS).isprintable():
        raise ValueError("holds a character that cannot be shown")
    return text


Text = Annotated[str, Field(strict=True, max_length=500), AfterValidator(_one_line)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageField(Strict):
    """A field of a queue's message or an event; `email?` is short for `{type: email, optional: true}`."""

    type: FieldType = Field("string", description="What it holds; with a `?` at the end it is optional.")
    optional: Flag = Field(default=False, description="Whether it may be left out.")
    enum: tuple[Choice, ...] = Field(
        (), min_length=1, max_length=100, description="The values that it can have, instead of a type."
    )
    min: Number | None = Field(None, description="Least value of a number, least length of a string or text.")
    max: Number | None = Field(None, description="Greatest value of a number, greatest length of a string or text.")


class FieldSpec(MessageField):
    """A field of a resource; `email?` is short for `{type: email, optional: true}`."""

    default: str | int | float | bool | None = Field(None, description="What it is where a client leaves it out.")
    unique: Flag = Field(default=False, description="Whether no two of the resource may have the same value.")
    references: ResourceMention | None = Field(
        None, description="The resource whose id it holds, as `service.resource`; its type is `uuid`."
    )


def _expand(value: Any) -> Any:
    """Writes the short form of a field as the long one; `?` marks an optional field in both."""
    if isinstance(value, str):
        value = {"type": value}
    if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"].endswith("?"):
        value = {**value, "type": value["type"][:-1], "optional": True}
    return value


MessageFields = dict[FieldName, Annotated[MessageField, BeforeValidator(_expand)]]
ResourceFields = dict[FieldName, Annotated[FieldSpec, BeforeValidator(_expand)]]


class Defaults(Strict):
    """What services are where they do not say otherwise."""

    language: Annotated[str, Field(strict=True)] = Field("python", description="The language services are written in.")
    database: Literal["postgres", "none"] = Field("postgres", description="The database that each service has.")


class GatewaySpec(Strict):
    """The way in: the only port that the system publishes."""

    port: Port = Field(8080, description="Its port on the host.")
    rate_limit: RateLimit = Field(
        "100/s", description="Requests that one client may make in a second (s), minute (m) or hour (h)."
    )
    cors: tuple[Origin, ...] = Field(
        (), description="Origins whose web pages may call the system, such as `https://shop.example.com`."
    )


class AutoscaleSpec(Strict):
    """How far replicas grow, and when."""

    max: Replicas | None = Field(None, description="Most replicas that there may be.")
    cpu: Percent | None = Field(
        None, description="Per cent of the CPU that is asked for, above which there are more replicas."
    )


class ScaleSpec(Strict):
    """How many replicas a service has, and how large each is."""

    replicas: Replicas | None = Field(None, description="Replicas that there are at least.")
    autoscale: AutoscaleSpec = Field(default_factory=lambda: AutoscaleSpec.model_validate({}))
    cpu: Cpu | None = Field(None, description="CPU that a replica asks for: `250m` is a quarter of one.")
    memory: Memory | None = Field(None, description="Memory that a replica has: `256Mi`, `1Gi`.")


class KubernetesSpec(ScaleSpec):
    """How the system runs in Kubernetes; what it says of scale is for the gateway and each service."""

    host: Host | None = Field(None, description="The name by which the world knows the system: `shop.example.com`.")


class DeploySpec(Strict):
    """Where the system runs."""

    registry: Registry | None = Field(
        None, description="What stands before the names of images where they are pulled from: `ghcr.io/acme`."
    )
    tag: Tag = Field("0.1.0", description="The tag of images, until a release gives a service another one.")
    kubernetes: KubernetesSpec = Field(default_factory=lambda: KubernetesSpec.model_validate({}))


class Observability(Strict):
    """What shows how the running system is; each part runs beside the services, and can be left out."""

    metrics: Literal["prometheus", "none"] = Field(
        "prometheus", description="Metrics of every service, with Prometheus, its alerts and Grafana; or `none`."
    )
    logs: Literal["elk", "stdout"] = Field(
        "stdout", description="Where logs go: `stdout` alone, or from there to Elasticsearch and Kibana as well."
    )
    traces: Literal["jaeger", "none"] = Field("none", description="Distributed traces, shown by Jaeger; or `none`.")


class ServiceSpec(Strict):
    """One service: its own code, its own image and, where it has one, its own database."""

    description: Text = Field("", description="What it is for, in a line.")
    blueprint: Literal["auth", "mailer", "analytics"] | None = Field(
        None,
        description="Ready-made behaviour: `auth` keeps accounts and issues tokens, `mailer` sends a mail for each "
        "message of its queues, `analytics` counts the events that it subscribes to.",
    )
    language: Annotated[str, Field(strict=True)] | None = Field(None, description="The language it is written in.")
    database: Literal["postgres", "none"] | None = Field(None, description="Its database, or `none`.")
    port: Port | None = Field(None, description="A port of the host that reaches it without the gateway.")
    resources: dict[ResourceName, Annotated[ResourceFields, Field(min_length=1)]] = Field(
        {}, description="What it keeps and serves by REST, each in the singular: `order: {total: decimal}`."
    )
    calls: tuple[ServiceMention, ...] = Field((), description="Services whose resources it asks for by REST.")
    sends: tuple[QueueMention, ...] = Field((), description="Queues that it sends messages to.")
    consumes: tuple[QueueMention, ...] = Field((), description="Queues whose messages it handles, as the only one.")
    publishes: tuple[EventMention, ...] = Field(
        (), description="Events that it publishes; those of its resources (`order.created`) need no declaration."
    )
    subscribes: tuple[EventPattern, ...] = Field(
        (), description="Events that it handles, by name or pattern: `*` is one word, `#` any number of words."
    )
    kubernetes: ScaleSpec = Field(
        default_factory=lambda: ScaleSpec.model_validate({}),
        description="How it is scaled in Kubernetes, where that differs from what `deploy` says.",
    )


class Description(Strict):
    """A system of services."""

    msgen: Annotated[int, Field(strict=True, ge=1, le=1)] = Field(description="The version of this format: 1.")
    name: SystemName = Field(description="The system's name: lower-case letters, digits and hyphens.")
    description: Text = Field("", description="What the system is for, in a line.")
    defaults: Defaults = Field(default_factory=lambda: Defaults.model_validate({}))
    broker: Literal["rabbitmq"] = Field("rabbitmq", description="What carries messages between services.")
    gateway: GatewaySpec = Field(default_factory=lambda: GatewaySpec.model_validate({}))
    discovery: Literal["dns", "consul", "eureka"] = Field(
        "dns", description="How services find each other: by DNS alone, or through Consul or Eureka."
    )
    observability: Observability = Field(default_factory=lambda: Observability.model_validate({}))
    queues: dict[QueueName, Annotated[MessageFields, Field(min_length=1)]] = Field(
        {}, description="Work queues, with the fields of their messages: each message is handled once, by one service."
    )
    events: dict[EventName, Annotated[MessageFields, Field(min_length=1)]] = Field(
        {}, description="Events with their fields: every subscriber gets every event."
    )
    services: dict[ServiceName, ServiceSpec] = Field(min_length=1, max_length=200, description="The services, by name.")
    deploy: DeploySpec = Field(default_factory=lambda: DeploySpec.model_validate({}))


def matches(pattern: str, event: str) -> bool:
    """Whether a subscription's pattern takes an event, as AMQP topics do: `*` is one word, `#` any number of words."""
    words = event.split(".")
    taken = {0}  # how many words the part of the pattern so far can stand for
    for part in pattern.split("."):
        if part == "#":
            taken = set(range(min(taken, default=len(words) + 1), len(words) + 1))
        else:
            taken = {n + 1 for n in taken if n < len(words) and part in ("*", words[n])}
    return len(words) in taken


__all__ = ["Description", "FieldSpec", "MessageField", "Observability", "ScaleSpec", "ServiceSpec", "matches"]
