"""Settings that a description declares for a service, and their environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.description.setting_model import SettingSpec, env_name

PLACEHOLDERS = {
    "string": "change-me",
    "integer": "1",
    "number": "1",
    "decimal": "1",
    "boolean": "false",
    "url": "https://change-me.example.com/",
}


@dataclass(frozen=True)
class Setting:
    name: Name
    type: str
    """A type of `description.setting_model`, or `enum`."""
    enum: tuple[str, ...]
    default: str | None
    """As the environment would set it; None if each environment has to."""
    secret: bool
    about: str
    source: Name
    """Variable of `.env` that sets it in this system."""

    @property
    def placeholder(self) -> str:
        """A valid value for development and tests."""
        return self.enum[0] if self.enum else PLACEHOLDERS[self.type]

    @property
    def sample(self) -> str:
        return self.placeholder if self.default is None else self.default


def plan_settings(service: str, specs: Mapping[str, SettingSpec]) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            name=Name(name),
            type="enum" if spec.enum else spec.type,
            enum=spec.enum,
            default=None if spec.default is None else _written(spec.default),
            secret=spec.secret,
            about=spec.description or Name(name).phrase.capitalize(),
            source=Name(env_name(service, name)),
        )
        for name, spec in specs.items()
    )


def _written(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
