"""Fields of resources and messages."""

from dataclasses import dataclass

from msgen.core.naming import Name


@dataclass(frozen=True)
class Reference:
    """Target of a reference: a resource of the same service (foreign key) or of another (checked over REST)."""

    service: Name
    resource: Name
    remote: bool


@dataclass(frozen=True)
class Field:
    name: Name
    type: str
    """One of `model.FieldType`, or `enum`."""
    optional: bool = False
    enum: tuple[str, ...] = ()
    default: str | int | float | bool | None = None
    min: int | float | None = None
    max: int | float | None = None
    unique: bool = False
    reference: Reference | None = None

    @property
    def required(self) -> bool:
        """Whether clients must send the field."""
        return not self.optional and self.default is None
