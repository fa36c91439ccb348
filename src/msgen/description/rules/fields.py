"""Keys of fields that contradict each other or have no effect."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgen.core.errors import quoted
from msgen.core.suggestions import one_of
from msgen.description.field_model import FieldSpec, MessageField
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.setting_model import SettingSpec
from msgen.description.source_map import Where

LARGEST_INTEGER = 2**53 - 1
LENGTHS = {"string": (1, 255), "text": (0, 10_000)}
"""Minimum and maximum length by type."""
NUMBERS = ("integer", "number", "decimal")
NEVER_UNIQUE = ("boolean", "json", "text")
LONGEST_URL = 2000

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})+")
URL = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?")
DECIMAL = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4}0*)?")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def every_field(system: System) -> Iterator[Finding]:
    for where, spec in system.fields():
        for rule in (choices, _bounds):
            yield from rule(where, spec)
        if isinstance(spec, FieldSpec) and not spec.list:
            for resource_rule in (_unique, _reference):
                yield from resource_rule(where, spec)
            for key in ("default", "backfill"):
                yield from _value(where, spec, key)


def choices(where: Where, spec: MessageField | SettingSpec) -> Iterator[Finding]:
    if not spec.enum:
        return
    place = (*where, "enum")
    if "type" in spec.model_fields_set:
        message = f"{quoted(where[-1])} has both 'enum' and 'type'"
        hint = "remove 'type': the values of an enum are strings"
        hint += "; write `optional: true` for one that is optional" if isinstance(spec, MessageField) else ""
        yield Finding((*where, "type"), message, hint, key=True, relies=(place,))
    for number, value in enumerate(spec.enum):
        if value in spec.enum[:number]:
            yield Finding((*place, number), f"{quoted(value)} is listed twice", "remove one of them")


def _bounds(where: Where, spec: MessageField) -> Iterator[Finding]:
    kind = "enum" if spec.enum else spec.type
    relies = ((*where, "type"), (*where, "enum"))
    for key in ("min", "max"):
        bound = getattr(spec, key)
        if bound is None:
            continue
        place = (*where, key)
        if kind not in (*LENGTHS, *NUMBERS):
            message = f"{quoted(key)} has no effect on a field of type {kind}"
            yield Finding(place, message, "remove it; numbers, string and text have it", key=True, relies=relies)
        elif problem := _wrong_bound(kind, bound):
            yield Finding(place, f"{quoted(key)} {problem[0]}", problem[1], relies=relies)
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        message = f"'min' is greater than 'max': {spec.min} > {spec.max}"
        yield Finding((*where, "min"), message, "swap them, or correct one of them")


def _wrong_bound(kind: str, bound: float) -> tuple[str, str] | None:
    if kind in LENGTHS:
        least, most = LENGTHS[kind]
        if not isinstance(bound, int) or not least <= bound <= most:
            return f"is a length from {least} to {most} for a {kind}", "choose one of these"
    elif kind == "integer" and (not isinstance(bound, int) or abs(bound) > LARGEST_INTEGER):
        return "must be a whole number between -(2^53-1) and 2^53-1", "the field's type is integer"
    elif kind == "decimal" and not _is_decimal(bound):
        return "has more than 14 digits before the point or 4 after it", "a decimal has no more"
    return None


def _value(where: Where, spec: FieldSpec, key: str) -> Iterator[Finding]:
    """Check the value that a field has if none is given."""
    place, value = (*where, key), getattr(spec, key)
    if value is None:
        return
    relies = ((*where, "type"), (*where, "enum"), (*where, "min"), (*where, "max"))
    if spec.optional:
        message = f"an optional field has no {key}: left out, it is null"
        yield Finding(place, message, f"remove {quoted(key)}, or do not make the field optional", key=True)
    if spec.unique:
        message = f"a unique field has no {key}: only one could have it"
        yield Finding(place, message, f"remove {quoted(key)} or 'unique'", key=True)
    if spec.enum:
        if value not in spec.enum:
            yield Finding(place, f"{quoted(value)} is not in 'enum'", one_of(str(value), spec.enum), relies=relies)
    elif wrong := VALUES[spec.type](value):
        yield Finding(place, f"{quoted(value)} is not a valid {spec.type}", wrong, relies=relies)
    elif out := _out_of_bounds(spec, value):
        yield Finding(place, f"the {key} is {out}", "correct one of them", relies=relies)


def _out_of_bounds(spec: FieldSpec, value: Any) -> str:
    size = len(value) if spec.type in LENGTHS else Decimal(str(value)) if spec.type in NUMBERS else None
    if size is None:
        return ""
    if spec.min is not None and size < Decimal(str(spec.min)):
        return f"{'shorter' if spec.type in LENGTHS else 'less'} than 'min'"
    if spec.max is not None and size > Decimal(str(spec.max)):
        return f"{'longer' if spec.type in LENGTHS else 'greater'} than 'max'"
    return ""


def _unique(where: Where, spec: FieldSpec) -> Iterator[Finding]:
    if spec.unique and not spec.enum and spec.type in NEVER_UNIQUE:
        message = f"a field of type {spec.type} cannot be unique"
        yield Finding(
            (*where, "unique"), message, "remove 'unique'", key=True, relies=((*where, "type"), (*where, "enum"))
        )


def _reference(where: Where, spec: FieldSpec) -> Iterator[Finding]:
    if spec.references is None:
        return
    relies = ((*where, "type"), (*where, "enum"))
    if spec.enum:
        yield Finding(
            (*where, "enum"), "a field that refers to a resource has no 'enum'", "write `type: uuid`", key=True
        )
    elif spec.type != "uuid":
        place, message = (*where, "type"), f"a field that refers to a resource holds its id, not a {spec.type}"
        if "type" not in spec.model_fields_set:
            place = (*where, "references")
        yield Finding(place, message, "write `type: uuid`", key="type" not in spec.model_fields_set, relies=relies)


def _is_decimal(value: object) -> bool:
    return bool(DECIMAL.fullmatch(format(Decimal(str(value)), "f")))


def _integer(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER:
        return ""
    return "write a whole number between -(2^53-1) and 2^53-1"


def _number(value: Any) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "write a number"


def _decimal(value: Any) -> str:
    written = DECIMAL if isinstance(value, str) else re.compile(r"[-0-9.e+]{1,30}")
    good = not isinstance(value, bool) and written.fullmatch(str(value)) and _parses(Decimal, value)
    return "" if good and _is_decimal(value) else "write a number of up to 14 digits before the point and 4 after it"


def _boolean(value: Any) -> str:
    return "" if isinstance(value, bool) else "write true or false"


def _string(value: Any) -> str:
    return _text(value, *LENGTHS["string"])


def _long_text(value: Any) -> str:
    return _text(value.replace("\n", " ") if isinstance(value, str) else value, *LENGTHS["text"])


def _text(value: Any, least: int, most: int) -> str:
    if not isinstance(value, str):
        return f"write '{str(value).lower()}' in quotes"
    if not value.isprintable():
        return "remove the character that cannot be shown"
    return "" if least <= len(value) <= most else f"write {least} to {most} characters"


def _matching(pattern: re.Pattern[str], example: str, parse: Any = str, longest: int = LONGEST_URL) -> Any:
    def rule(value: Any) -> str:
        good = isinstance(value, str) and len(value) <= longest and pattern.fullmatch(value) and _parses(parse, value)
        return "" if good else f"write one such as {example}"

    return rule


def _parses(parse: Any, value: object) -> bool:
    try:
        parse(str(value))
    except (ValueError, ArithmeticError):
        return False
    return True


VALUES: dict[str, Any] = {
    "string": _string,
    "text": _long_text,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "boolean": _boolean,
    "email": _matching(EMAIL, "ann@example.com", longest=254),
    "url": _matching(URL, "https://example.com/a"),
    "uuid": _matching(UUID_TEXT, "'0b9e6f5c-3f0e-4a52-8f67-2d1c5b7a9e10'", UUID),
    "date": _matching(DATE, "2025-12-31", date.fromisoformat),
    "datetime": _matching(DATETIME, "2025-12-31T12:00:00Z", datetime.fromisoformat),
    "json": lambda _: "remove it: a default is a single value, and json holds an object or a list",
}

RULES = (every_field,)
