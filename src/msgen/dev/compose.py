"""Read the containers of `compose.yaml` and its override: what they run, their environment, order and ports."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from msgen.core.errors import quoted, user_error

FILES = ("compose.yaml", "compose.override.yaml")
VARIABLE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)(?:(:?[-?])([^}]*))?\})")

PUBLISHED = re.compile(r"(?:[\d.]+:|\[.*\]:)?(\d+|\$.+):(\d+)(?:/\w+)?")


@dataclass(frozen=True)
class Container:
    name: str
    build: str = ""
    """Directory of its Dockerfile; empty if it runs a published image, or that of another container."""
    image: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Values with their variables, as in the file."""
    after: Mapping[str, str] = field(default_factory=dict)
    """Container -> condition of `depends_on`."""
    published: Mapping[int, str] = field(default_factory=dict)
    """Port of the container -> port of the host, with its variables."""


def read_containers(root: Path) -> dict[str, Container]:
    """Return the containers that start without a profile. Raises `UserError`."""
    found: dict[str, dict[str, Any]] = {}
    for file in FILES:
        for name, spec in _services(root / file).items():
            merged = found.setdefault(name, {"environment": {}, "depends_on": {}, "ports": []})
            merged |= {
                **spec,
                "environment": merged["environment"] | _mapping(spec.get("environment")),
                "depends_on": merged["depends_on"] | _conditions(spec.get("depends_on")),
                "ports": [*merged["ports"], *spec.get("ports", ())],
            }
    return {name: _container(name, spec) for name, spec in found.items() if not spec.get("profiles")}


def _services(file: Path) -> dict[str, dict[str, Any]]:
    try:
        services = (yaml.safe_load(file.read_text("utf-8")) or {}).get("services", {})
    except FileNotFoundError:
        if file.name != FILES[0]:
            return {}
        raise user_error("there is no compose.yaml", "run `msgen apply`", file) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
        raise user_error(f"cannot read this file: {error}", file=file) from error
    return dict(services)


def _container(name: str, spec: Mapping[str, Any]) -> Container:
    command, build = spec.get("command") or (), spec.get("build") or ""
    return Container(
        name,
        build.get("context", "") if isinstance(build, dict) else build,
        spec.get("image", ""),
        tuple(shlex.split(command) if isinstance(command, str) else map(str, command)),
        spec["environment"],
        spec["depends_on"],
        dict(_published(str(port)) for port in spec["ports"] if ":" in str(port)),
    )


def _mapping(environment: Any) -> dict[str, str]:
    """Return an environment, which may also be a list of NAME=value; YAML's own types become text."""
    pairs = (entry.split("=", 1) for entry in environment) if isinstance(environment, list) else environment or {}
    return {name: _text(value) for name, value in dict(pairs).items()}


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _conditions(after: Any) -> dict[str, str]:
    if isinstance(after, dict):
        return {name: rule["condition"] for name, rule in after.items()}
    return dict.fromkeys(after or (), "service_started")


def _published(port: str) -> tuple[int, str]:
    """Split [address:]host:container[/protocol]."""
    match = PUBLISHED.fullmatch(port)
    if not match:
        raise user_error(f"cannot read the published port {quoted(port)}", "write it as host:container")
    return int(match[2]), match[1]


def image_command(dockerfile: Path) -> tuple[str, ...]:
    """Return the command of the last stage of a Dockerfile. Raises `UserError` if it has none."""
    commands = [line for line in dockerfile.read_text("utf-8").splitlines() if line.startswith("CMD [")]
    if not commands:
        raise user_error("this file has no line `CMD [...]`", "add the command that starts the service", dockerfile)
    return tuple(json.loads(commands[-1].removeprefix("CMD ")))


def read_variables(file: Path) -> dict[str, str]:
    """Read `.env`: NAME=value, with optional quotes."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace $NAME, ${NAME}, ${NAME:-default} and ${NAME:?error}. Raises `UserError` for missing values."""

    def value(match: re.Match[str]) -> str:
        name, rule, rest = match[1] or match[2], match[3] or "", match[4] or ""
        if not name:
            return "$"
        found = variables.get(name)
        if found or (found is not None and not rule.startswith(":")):
            return found
        if rule.endswith("?"):
            raise user_error(f"{name} has no value in .env", "run `sh scripts/make-env`")
        return rest if rule else ""

    return VARIABLE.sub(value, text)
