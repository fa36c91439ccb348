"""Settings of services in `msgen.yaml`: variables that a service reads from its environment."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from msgen.core.naming import Name
from msgen.description.field_model import Choice, FieldName, Flag, Strict, Text

SettingType = Literal["string", "integer", "number", "decimal", "boolean", "url"]


class SettingSpec(Strict):
    """A setting; `integer` is short for `{type: integer}`."""

    type: SettingType = Field("string", description="Type of the value.")
    enum: tuple[Choice, ...] = Field((), min_length=1, max_length=100, description="Allowed values, instead of a type.")
    default: str | int | float | bool | None = Field(
        None, description="Value unless an environment sets another one. Without a default, each environment sets it."
    )
    secret: Flag = Field(default=False, description="Whether the value is a secret, which is never in git nor in logs.")
    description: Text = Field("", description="Purpose of the setting, in one line.")


def _expand(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


Settings = dict[FieldName, Annotated[SettingSpec, BeforeValidator(_expand)]]


def env_name(service: str, name: str) -> str:
    """Return the variable of `.env` that sets a setting."""
    return f"{Name(service).constant}_{Name(name).constant}"
