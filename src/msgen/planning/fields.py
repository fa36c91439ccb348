"""Fields of resources and messages."""

from dataclasses import dataclass

from msgen.core.naming import Name

Value = str | int | float | bool
NEUTRAL: dict[str, Value] = {
    "integer": 0,
    "number": 0,
    "decimal": 0,
    "boolean": False,
    "text": "",
    "json": "{}",
    "list": "{}",
}
"""Value by type that claims nothing about existing rows."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Owner of rows that are older than the column."""


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
    """One of `field_model.FieldType`, `enum` or `list`."""
    optional: bool = False
    enum: tuple[str, ...] = ()
    default: Value | None = None
    backfill: Value | None = None
    """Value in rows that exist before the column, if the description gives one."""
    item: "Field | None" = None
    """What the entries of a list are; its name is that of the list with `_item`."""
    max_items: int = 0
    min: int | float | None = None
    max: int | float | None = None
    unique: bool = False
    index: bool = False
    """Whether the column has an index of its own."""
    reference: Reference | None = None
    owner: bool = False
    """Whether it holds the id of the account that owns the row."""
    read: tuple[Name, ...] = ()
    """Who sees it; empty for everybody who may read the row."""
    write: tuple[Name, ...] = ()
    """Who may set it; empty for everybody who may create or update the row."""
    rank: int | None = None
    """Position of its value in tests among those that checks compare with it, from 0."""

    @property
    def value(self) -> "Field":
        """What a single value is: the entry of a list, or the field itself."""
        return self.item or self

    @property
    def kind(self) -> str:
        """The type with that of the entries of a list: `string[]`."""
        return f"{self.item.type}[]" if self.item else self.type

    @property
    def required(self) -> bool:
        """Whether clients must send the field."""
        return not self.optional and self.default is None and not self.item

    @property
    def filterable(self) -> bool:
        """Whether lists of rows have a filter for it."""
        return self.type not in ("text", "json")

    @property
    def sortable(self) -> bool:
        return self.filterable and not self.item

    @property
    def invented(self) -> Value | None:
        """Neutral value for existing rows if the description gives none; None if no such value fits."""
        if self.owner and self.backfill is None and not self.unique and (not self.reference or self.reference.remote):
            return NOBODY
        given = self.optional or self.backfill is not None or self.default is not None
        if given or self.unique or self.reference or self.type not in NEUTRAL:
            return None
        if self.type in ("integer", "number", "decimal"):
            least = max(0, self.min or 0)
            return least if self.max is None else min(least, self.max)
        return None if self.min else NEUTRAL[self.type]

    @property
    def fill(self) -> Value | None:
        """Value of the column in existing rows, for migrations; None if it is null or no value fits."""
        given = (self.backfill, self.default, self.invented)
        return None if self.optional else next((value for value in given if value is not None), None)
