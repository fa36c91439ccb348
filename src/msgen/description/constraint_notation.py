"""Notation of constraints over several fields of a resource: `ends_at > starts_at`, `[doctor_id, starts_at]`."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from msgen.description.field_model import FieldName

COMPARISON = re.compile(r"([a-z][a-z0-9_]*) *(<=?|>=?) *([a-z][a-z0-9_]*)")
NAME_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 8, "uniqueItems": True}


def _lists(value: Any) -> Any:
    """Accept a single list in place of a list of lists."""
    return [value] if isinstance(value, list) and any(isinstance(name, str) for name in value) else value


def _comparison(text: str) -> str:
    if not COMPARISON.fullmatch(text):
        raise ValueError("compares two fields, as in `ends_at > starts_at`")
    return text


FieldLists = Annotated[
    tuple[Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=8)], ...],
    Field(max_length=20),
    BeforeValidator(_lists),
    WithJsonSchema({"anyOf": [NAME_LIST, {"type": "array", "items": NAME_LIST, "maxItems": 20}]}),
]
"""Lists of fields; a single one may stand without the outer list."""
Comparison = Annotated[
    str,
    Field(strict=True, max_length=100, json_schema_extra={"pattern": f"^{COMPARISON.pattern}$"}),
    AfterValidator(_comparison),
]


def compared(text: str) -> tuple[str, str, str]:
    """Split a comparison into field, operator and field."""
    found = COMPARISON.fullmatch(text)
    if not found:
        raise ValueError(text)
    left, operator, right = found.groups()
    return left, operator, right
