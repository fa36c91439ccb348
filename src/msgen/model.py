"""The format of `msgen.yaml`, version 1: what a user may write, as pydantic models.

Only shapes and the rules of a single value live here; rules that relate several places are in `checks`.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from msgen.naming import Name


def _name(pattern: str, longest: int) -> Any:
    return Annotated[str, StringConstraints(pattern=pattern, max_length=longest), Field(strict=True)]


LABEL = r"^[a-z]([a-z0-9-]*[a-z0-9])?$"
SNAKE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
EVENT = r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$"
PATTERN = r"^([a-z][a-z0-9-]*|\*|#)(\.([a-z][a-z0-9-]*|\*|#))*$"
RATE = r"^[1-9][0-9]{0,6}/(s|m|h)$"
ORIGIN = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"

# A system's name prefixes container and database names; services become DNS labels and database roles.
SystemName = _name(LABEL, 30)
ServiceName = _name(LABEL, 30)
QueueName = _name(LABEL, 40)
EventName = _name(EVENT, 60)
EventPattern = _name(PATTERN, 60)
ResourceName = _name(SNAKE, 40)
FieldName = _name(SNAKE, 40)
Port = Annotated[int, Field(ge=1024, le=65535, strict=True)]
Text = Annotated[str, Field(strict=True, max_length=500)]

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


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldSpec(Strict):
    """A field of a resource or of a message; `email?` is short for `{type: email, optional: true}`."""

    type: FieldType = "string"
    optional: Annotated[bool, Field(strict=True)] = False
    enum: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)], ...] = ()
    default: str | int | float | bool | None = None
    min: int | float | None = None
    max: int | float | None = None
    unique: Annotated[bool, Field(strict=True)] = False
    references: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9_]+$")] | None = None


def _expand(value: Any) -> Any:
    """Writes the short form of a field as the long one; `?` marks an optional field in both."""
    if isinstance(value, str):
        value = {"type": value}
    if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"].endswith("?"):
        value = {**value, "type": value["type"][:-1], "optional": True}
    return value


FieldShorthand = Annotated[
    FieldSpec,
    BeforeValidator(_expand, json_schema_input_type=Annotated[str, Field(pattern=r"^[a-z]+\??$")] | FieldSpec),
]
Fields = dict[FieldName, FieldShorthand]


class Defaults(Strict):
    language: Annotated[str, Field(strict=True)] = "python"
    database: Literal["postgres", "none"] = "postgres"


class GatewaySpec(Strict):
    port: Port = 8080
    rate_limit: Annotated[str, StringConstraints(pattern=RATE)] = "100/s"
    cors: tuple[Annotated[str, StringConstraints(pattern=ORIGIN)], ...] = ()


class ServiceSpec(Strict):
    description: Text = ""
    blueprint: Literal["auth", "mailer", "analytics"] | None = None
    language: Annotated[str, Field(strict=True)] | None = None
    database: Literal["postgres", "none"] | None = None
    port: Port | None = None
    resources: dict[ResourceName, Fields] = {}
    calls: tuple[ServiceName, ...] = ()
    sends: tuple[QueueName, ...] = ()
    consumes: tuple[QueueName, ...] = ()
    publishes: tuple[EventName, ...] = ()
    subscribes: tuple[EventPattern, ...] = ()


class Description(Strict):
    msgen: Literal[1]
    name: SystemName
    description: Text = ""
    defaults: Defaults = Defaults()
    broker: Literal["rabbitmq"] = "rabbitmq"
    gateway: GatewaySpec = GatewaySpec()
    queues: dict[QueueName, Fields] = {}
    events: dict[EventName, Fields] = {}
    services: dict[ServiceName, ServiceSpec] = Field(min_length=1)


def matches(pattern: str, event: str) -> bool:
    """Whether a subscription's pattern takes an event, by the rules of AMQP topics: `*` one word, `#` any number."""
    expression = re.escape(pattern).replace(r"\#", "#")
    expression = expression.replace(r"\*", r"[^.]+").replace(r"#\.", r"(?:[^.]+\.)*").replace(r"\.#", r"(?:\.[^.]+)*")
    return re.fullmatch(expression.replace("#", ".*"), event) is not None


__all__ = ["Description", "FieldSpec", "ServiceSpec", "Name", "matches"]
