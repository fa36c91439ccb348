"""Items of `publishes`: an event, or an event with the fields of its resource that it carries."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

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


def _expand(value: Any) -> Any:
    return {value: None} if isinstance(value, str | int | float) else value


Mention = Annotated[str, Field(strict=True)]
PublicationItem = Annotated[
    dict[Mention, Annotated[tuple[Mention, ...], Field(min_length=1)] | None],
    Field(min_length=1, max_length=1),
    BeforeValidator(_expand),
    AfterValidator(Publication.of),
    WithJsonSchema(SCHEMA),
]
