"""A repository's containers, what runs in place of each, and their addresses on this machine."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from msgen.core.errors import user_error
from msgen.dev.compose import Container, interpolate, read_containers, read_variables
from msgen.dev.ports import Port, Ports
from msgen.dev.tables import Program, Services, Table, Tables

PAGE: Port = ("msgen", 8888)
"""The page of `msgen dev` itself; `DASHBOARD_PORT` is its local port, as for the page in a container."""
COMPLETED = "service_completed_successfully"


@dataclass(frozen=True)
class Stand:
    """What runs in place of a container."""

    container: Container
    table: Table
    program: Program
    folder: str = ""
    """Directory of the service, relative to the repository; empty for components."""
    migrates: bool = False
    """Whether it is another command of a service's image."""

    @property
    def name(self) -> str:
        return self.container.name

    @property
    def language(self) -> Services | None:
        return self.program if isinstance(self.program, Services) else None

    @property
    def ports(self) -> tuple[int, ...]:
        return () if self.migrates else self.program.ports

    @property
    def watched(self) -> tuple[str, ...]:
        return self.language.migrations if self.language and self.migrates else self.program.watch


class System:
    def __init__(self, root: Path, tables: Tables, ports: Ports) -> None:
        self.root, self._ports, self._received = root, ports, tables.received
        self._containers = read_containers(root)
        self.stands = tuple(self._stands(tables))
        self._variables = read_variables(root / ".env") | dict(os.environ)  # the same precedence as compose
        needed = [(stand.name, inside) for stand in self.stands for inside in stand.ports]
        published = dict(self._published()) | {PAGE: int(self.filled("${DASHBOARD_PORT:-8888}"))}
        self.notes = ports.assign([*needed, PAGE], published)
        names = "|".join(re.escape(f"{name}:{inside}") for name, inside in [*needed, *sorted(tables.received)])
        self._address = re.compile(rf"(?<![\w.-])(?:{names})(?!\w)")

    @property
    def services(self) -> list[str]:
        return sorted(stand.name for stand in self.stands if stand.folder and not stand.migrates)

    def local(self, name: str, inside: int) -> int | None:
        """Return the local port of a container's port."""
        return self._ports.local(*(PAGE if (name, inside) in self._received else (name, inside)))

    def is_task(self, name: str) -> bool:
        """Return whether a container runs to completion."""
        return any(container.after.get(name) == COMPLETED for container in self._containers.values())

    def filled(self, text: str) -> str:
        """Replace the variables in a text as compose does. Raises `UserError` for missing values."""
        return interpolate(text, self._variables)

    def variable(self, name: str) -> str:
        return self._variables.get(name, "")

    def translated(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Replace addresses of containers, such as `postgres:5432`, by local ones, then variables."""

        def address(match: re.Match[str]) -> str:
            name, inside = match[0].rsplit(":", 1)
            return f"127.0.0.1:{self.local(name, int(inside))}"

        return {key: self.filled(self._address.sub(address, value)) for key, value in environment.items()}

    def _stands(self, tables: Tables) -> Iterator[Stand]:
        built = {c.image: c.build for c in self._containers.values() if c.image and c.build}
        missing = []
        for name, container in self._containers.items():
            folder = container.build or built.get(container.image, "")
            language = tables.language(self.root / folder) if folder else None
            if name in tables.containers:
                yield Stand(container, *tables.containers[name])
            elif language:
                yield Stand(container, *language, folder, migrates=not container.build)
            else:
                missing.append(name)
        if missing:
            raise user_error(f"{', '.join(missing)} runs only in a container", "start the system with Docker: make up")

    def _published(self) -> Iterator[tuple[Port, int]]:
        for stand in self.stands:
            for inside, host in stand.container.published.items():
                text = self.filled(host)
                if text.isdigit():
                    yield (stand.name, inside), int(text)
