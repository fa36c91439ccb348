"""The types of fields: what they take from JSON, and how JSON shows them."""

import math
import re
from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal as BaseDecimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_origin
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    create_model,
)

MAX_INTEGER = 2**53 - 1
"""Beyond it, JavaScript and others who read JSON lose digits."""

MAX_LOCAL_PART = 64
"""Maximum length of the local part of an e-mail address."""

MAX_DEPTH = 64
"""Maximum depth of nested objects and arrays."""

ABSENT: Any = Field(default_factory=lambda: None)
"""Default of a field that may be left out although null is refused; see `model_fields_set`."""


class Schema(BaseModel):
    """A request body; undeclared fields are rejected."""

    model_config = ConfigDict(extra="forbid")


def default(value: object) -> Any:  # noqa: ANN401 - stands for a value of the field's type
    """A default that is written as in JSON."""
    return Field(default=value, validate_default=True)


def matching(pattern: str, message: str) -> BeforeValidator:
    """Lets texts through that have this shape; what is not a text is left to others."""

    matches = re.compile(pattern, re.ASCII).fullmatch

    def check(value: object) -> object:
        # Called for each value of each row: a union type or an uncompiled pattern would cost more.
        if matches(value) is None if isinstance(value, str) else isinstance(value, (int, float)):
            raise ValueError(message)
        return value

    return BeforeValidator(check)


def _check_notation(value: object) -> object:
    """Lets numbers through, and texts that are written as decimals are shown."""
    if isinstance(value, str) and not re.fullmatch(DECIMAL_PATTERN, value, re.ASCII):
        raise ValueError("must have up to 14 digits before and 4 after the point")
    return value


def _show_decimal(value: BaseDecimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _to_utc(value: datetime) -> datetime:
    """With the precision that is shown, so that what a client has read also finds it."""
    if value.tzinfo is UTC and value.microsecond % 1000 == 0:
        return value  # as the database returns it
    try:
        moved = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be within the years 1 to 9999 in UTC") from None
    return moved.replace(microsecond=moved.microsecond // 1000 * 1000)


def _show_datetime(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_local_part(email: str) -> str:
    if email.index("@") > MAX_LOCAL_PART:
        raise ValueError(f"must have up to {MAX_LOCAL_PART} characters before the @")
    return email


def _with_zone(value: object) -> object:
    """Add the zone to 0001-01-01T00:00:00Z, which asyncpg reads without one."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


_url = TypeAdapter(HttpUrl)


def _check_url(value: str) -> str:
    _url.validate_python(value)
    return value


def _check_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Refuses what PostgreSQL cannot store, or others cannot read."""
    if not isinstance(value, dict | list):
        raise ValueError("must be an object or an array")
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        for item in level:
            _check_json_item(item)
        level = [child for item in level for child in _children(item)]
        if not level:
            return value
    raise ValueError(f"must not be deeper than {MAX_DEPTH} levels")


def _check_json_item(item: object) -> None:
    if isinstance(item, str) and (
        "\0" in item or any("\ud800" <= character <= "\udfff" for character in item)
    ):
        raise ValueError("must hold valid Unicode without NUL characters")
    if isinstance(item, int | float) and not _is_double(item):
        raise ValueError("must hold numbers that double precision keeps")


def _is_double(item: float) -> bool:
    """Whether others who read JSON get the same number: 1e300 is, 2**53 + 1 is not."""
    try:
        return math.isfinite(item) and (
            isinstance(item, float) or BaseDecimal(repr(float(item))) == item
        )
    except OverflowError:
        return False


def _children(item: object) -> list[Any]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    return item if isinstance(item, list) else []


DECIMAL_PATTERN = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"
EMAIL_PATTERN = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)
NO_NUL = r"^[^\x00]*$"

String = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]
Choice = Annotated[str, StringConstraints(max_length=40)]
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=EMAIL_PATTERN, to_lower=True),
    AfterValidator(_check_local_part),
    Field(json_schema_extra={"format": "email"}),
]
Url = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00]+$"),
    AfterValidator(_check_url),
    Field(json_schema_extra={"format": "uri"}),
]
Uuid = Annotated[
    UUID,
    matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "must be a UUID with hyphens"),
]
Integer = Annotated[int, Field(strict=True, ge=-MAX_INTEGER, le=MAX_INTEGER)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
AnyDecimal = Annotated[
    BaseDecimal,
    Field(max_digits=18, decimal_places=4, json_schema_extra={"pattern": DECIMAL_PATTERN}),
    PlainSerializer(_show_decimal, return_type=str, when_used="json-unless-none"),
]
NOTATION = BeforeValidator(_check_notation)
"""Comes last in a type, after its bounds: descriptions of the API know no bounds around it."""
Decimal = Annotated[AnyDecimal, NOTATION]
Boolean = StrictBool
Date = Annotated[date, matching(r"\d{4}-\d\d-\d\d", "must be a date such as 2030-01-31")]
DateTime = Annotated[
    AwareDatetime,
    BeforeValidator(_with_zone),
    matching(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
        "must be a time with its offset from UTC, such as 2030-01-31T12:00:00Z",
    ),
    AfterValidator(_to_utc),
    PlainSerializer(_show_datetime, return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Json = Annotated[Any, AfterValidator(_check_json), WithJsonSchema({"type": ["object", "array"]})]

# In a path or a query, all values are texts.
WHOLE = matching(r"[+-]?\d+", "must be a whole number")
IntegerFilter = Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER), WHOLE]
NUMERAL = matching(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", "must be a number")
NumberFilter = Annotated[float, Field(allow_inf_nan=False), NUMERAL]
BooleanFilter = Annotated[bool, matching(r"true|false", "must be true or false")]


B = TypeVar("B", bound=BaseModel)


@cache
def received(model: type[B]) -> type[B]:
    """The model as it is read from a service of another version.

    What is missing is its default, an empty list or None; a choice may be one that is not known
    here yet.
    """
    fields: dict[str, Any] = {}
    for name, declared in model.model_fields.items():
        info = copy(declared)
        if info.is_required():
            info.default = [] if get_origin(info.annotation) is list else None
        choice = get_origin(info.annotation) is Literal
        fields[name] = (str | None, info.default) if choice else (info.annotation, info)
    return create_model(model.__name__, __base__=model, **fields)


def read(model: type[B], value: object) -> B:
    found = received(model).model_validate(value)
    return model.model_construct(found.model_fields_set, **dict(found))


class ResourceRead(BaseModel):
    """Fields of every resource."""

    model_config = ConfigDict(from_attributes=True)

    id: Uuid
    version: Integer
    created_at: DateTime
    updated_at: DateTime
