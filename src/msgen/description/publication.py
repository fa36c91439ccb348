"""Items of `publishes`: an event, or an event with the fields of its resource that it carries."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

from msgen.description.patterns import EVENT, SNAKE

ONE = {"type": "string", "pattern": EVENT}
SCHEMA = {
    "anyOf": [
        ONE,
        {
            "type": "object",
            "propertyNames": ONE,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": {
                "type": "array",
                "items": {"type": "string", "pattern": SNAKE},
                "minItems": 1,
                "uniqueItems": True,
            },
        },
    ]
}


Mention = Annotated[str, Field(strict=True)]
Item = Annotated[
    dict[Mention, Annotated[tuple[Mention, ...], Field(min_length=1)] | None], Field(min_length=1, max_length=1)
]


class Publication(str):
    """Name of a published event."""

    __slots__ = ("fields",)

    fields: tuple[str, ...] | None
    """Fields of the resource that the event carries besides its id; None for all."""

    @classmethod
    def of(cls, item: dict[str, tuple[str, ...] | None]) -> "Publication":
        ((name, fields),) = item.items()
        publication = cls(name)
        publication.fields = fields
        return publication

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        checks = BeforeValidator(_expand), AfterValidator(cls.of), WithJsonSchema(SCHEMA)
        return handler.generate_schema(Annotated[Item, *checks])


def _expand(value: Any) -> Any:
    return {value: None} if isinstance(value, str | int | float) else value
