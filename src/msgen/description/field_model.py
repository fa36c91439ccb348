"""Fields of resources and messages in `msgen.yaml`."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from msgen.description.patterns import LABEL, REFERENCE, SNAKE

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
"""Invisible characters that Persian text and emoji need."""
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
NEVER_LISTED = ("text", "json")
"""Types without lists of their values."""
MAX_ITEMS = 100


FieldName = Annotated[str, StringConstraints(strict=True, pattern=SNAKE, max_length=40)]
ResourceMention = Annotated[str, Field(strict=True, json_schema_extra={"pattern": REFERENCE})]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)]


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


GRANTEE = {"type": "string", "pattern": LABEL}
GRANTEES = {"anyOf": [GRANTEE, {"type": "array", "items": GRANTEE, "minItems": 1, "maxItems": 20, "uniqueItems": True}]}
Grantees = Annotated[
    tuple[Annotated[str, Field(strict=True)], ...],
    Field(min_length=1, max_length=20),
    BeforeValidator(_one_or_more),
    WithJsonSchema(GRANTEES),
]
"""`public`, `user`, `owner` and roles; a single one may stand without a list."""


def _printable(text: str) -> str:
    if not text.strip() or not text.translate(JOINERS).isprintable():
        raise ValueError("must be printable text of 1 to 40 characters")
    return text


Choice = Annotated[str, Field(strict=True, max_length=40), AfterValidator(_printable)]


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    if not text.translate(JOINERS).isprintable():
        raise ValueError("contains a character that is not printable")
    return text


Text = Annotated[str, Field(strict=True, max_length=500), AfterValidator(_one_line)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MessageField(Strict):
    """A field of a queue's message or an event; `email?` is short for `{type: email, optional: true}`."""

    type: FieldType = Field("string", description="Type of the value; a trailing `?` makes the field optional.")
    optional: Flag = Field(default=False, description="Whether the field may be omitted.")
    enum: tuple[Choice, ...] = Field((), min_length=1, max_length=100, description="Allowed values, instead of a type.")
    min: Number | None = Field(None, description="Minimum of a number; minimum length of a string or text.")
    max: Number | None = Field(None, description="Maximum of a number; maximum length of a string or text.")
    list: Flag = Field(
        default=False, description="Whether it holds a list of such values; short forms are `string[]` and `[string]`."
    )
    max_items: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = Field(
        None, description=f"Maximum number of entries of a list. Default: {MAX_ITEMS}."
    )


class FieldSpec(MessageField):
    """A field of a resource; `email?` is short for `{type: email, optional: true}`."""

    default: str | int | float | bool | None = Field(None, description="Value if the client omits the field.")
    backfill: str | int | float | bool | None = Field(
        None, description="Value of the column in rows that exist before it; `default` if that is given."
    )
    unique: Flag = Field(default=False, description="Whether values must be unique within the resource.")
    index: Flag = Field(default=False, description="Whether the column has an index, for filters and sorting.")
    references: ResourceMention | None = Field(
        None, description="Referenced resource as `service.resource`; the field holds its id and has type `uuid`."
    )
    read: Grantees | None = Field(None, description="Who sees the field, if not everybody who may read the resource.")
    write: Grantees | None = Field(
        None, description="Who may set the field, if not everybody who may change the resource."
    )


def _expand(value: Any) -> Any:
    """Expand the short form of a field; `?` marks an optional field, `[]` a list in both forms."""
    if isinstance(value, str):
        value = {"type": value}
    if isinstance(value, Sequence) and len(value) == 1 and isinstance(value[0], str):
        value = {"type": value[0], "list": True}
    if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"].endswith("?"):
        value = {**value, "type": value["type"][:-1], "optional": True}
    if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"].endswith("[]"):
        value = {**value, "type": value["type"][:-2], "list": True}
    return value


MessageFields = dict[FieldName, Annotated[MessageField, BeforeValidator(_expand)]]
ResourceFields = dict[FieldName, Annotated[FieldSpec, BeforeValidator(_expand)]]
