"""Resources in `msgen.yaml`: fields, owner and access."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from msgen.description.constraint_notation import Comparison, FieldLists
from msgen.description.field_model import Grantees, ResourceFields, Strict
from msgen.description.operation_model import Operations
from msgen.description.patterns import SNAKE

ResourceName = Annotated[str, StringConstraints(strict=True, pattern=SNAKE, max_length=40)]
ACTIONS = ("list", "read", "create", "update", "delete")


class AccessSpec(Strict):
    """Who may do what with a resource: `public`, `user`, `owner` or a role, or several of them."""

    list: Grantees | None = Field(None, description="Who may list rows; `owner` lists its own rows only.")
    read: Grantees | None = Field(None, description="Who may read a row.")
    create: Grantees | None = Field(None, description="Who may create rows.")
    update: Grantees | None = Field(None, description="Who may update a row.")
    delete: Grantees | None = Field(None, description="Who may delete a row.")


class ResourceSpec(Strict):
    """A resource; `{total: decimal}` is short for `{fields: {total: decimal}}`."""

    fields: Annotated[ResourceFields, Field(min_length=1)] = Field(description="Fields by name.")
    owner: Annotated[str, Field(strict=True, json_schema_extra={"pattern": SNAKE})] | None = Field(
        None,
        description="Field with the id of the account that owns a row, set from the access token of whoever creates "
        "it. Default: `owner_id`, which is added if owners have access. `id` makes the resource a profile: one row per "
        "account, with the id of the account.",
    )
    access: AccessSpec = Field(
        default_factory=lambda: AccessSpec.model_validate({}), description="Who may do what, by action."
    )
    operations: Operations = Field(
        {}, description="Operations besides the five actions: `cancel: {input: {reason: text}, output: order}`."
    )
    rules: tuple[Literal["create", "update", "delete"], ...] = Field(
        (), description="Changes of rows that code of your own checks or completes, in their transaction."
    )
    unique: FieldLists = Field(
        (),
        description="Fields whose values must be unique together: `[doctor_id, starts_at]`, or a list of such lists.",
    )
    index: FieldLists = Field(
        (), description="Fields with an index over all of them: `[status, created_at]`, or a list of such lists."
    )
    checks: Annotated[tuple[Comparison, ...], Field(max_length=20)] = Field(
        (), description="Comparisons of two fields that every row satisfies: `ends_at > starts_at`."
    )


def is_long(value: Any) -> bool:
    """Return whether a resource is in the long form: a key `fields` with a mapping."""
    return isinstance(value, Mapping) and isinstance(value.get("fields"), Mapping)


def long_form(value: Any) -> Any:
    return {"fields": value} if isinstance(value, Mapping) and not is_long(value) else value
