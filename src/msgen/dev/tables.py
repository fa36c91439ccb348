"""Read `dev.yaml` of packs: which program takes the place of a container, and how services of a language run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from msgen.core.errors import user_error
from msgen.packs.pack import Pack

TABLE = "dev.yaml"
PLACEHOLDER = re.compile(r"\{(\w+)(?::([^{}]+))?\}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ready(_Strict):
    """When a process is ready: it accepts connections, and answers a path with 200, or a command succeeds."""

    port: int
    path: str = ""
    run: tuple[str, ...] = ()


class Requirement(_Strict):
    """A program that no package brings."""

    program: str
    hint: str


class Install(_Strict):
    """A command that installs packages once for each content of a lock file."""

    lock: str
    """In the pack, or in the service."""
    run: tuple[str, ...]
    creates: str = ""
    """File in the service that is newer than the lock file afterwards. Empty: the pack's directory of the lock file is
    copied to the cache, and the command runs there."""


class Step(_Strict):
    """A command before the process starts."""

    unless: str
    """File that shows that it has been done."""
    run: tuple[str, ...]


class File(_Strict):
    """A file that the process reads."""

    text: str = ""
    source: str = Field("", alias="from")
    """File of the repository, whose variables are replaced."""
    addresses: str = ""
    """Pattern of addresses in it, with groups `host` and `port`; only variables of the container are replaced then."""


class Program(_Strict):
    """A process in place of a container."""

    run: tuple[str, ...]
    requires: Requirement | None = None
    unprivileged: bool = False
    """Whether it refuses to run as root."""
    ports: tuple[int, ...] = ()
    """Ports of the container; the first one is shown to users."""
    files: Mapping[str, File] = Field(default_factory=dict)
    prepare: tuple[Step, ...] = ()
    environment: Mapping[str, str] = Field(default_factory=dict)
    ready: Ready | None = None
    stop: tuple[str, ...] = ("TERM",)
    """Signals, a moment apart."""
    watch: tuple[str, ...] = ()
    """Files and directories; the process starts again if they change."""
    last: bool = False
    """Whether it starts when the services have started."""
    page: str = ""
    """Title of its page on the first published port."""


class Services(Program):
    """Services of a language."""

    lock: str
    """File by which a service of the language is recognized."""
    migrations: tuple[str, ...] = ()
    """Directories whose change runs the migrations again."""
    virtualenv: bool = False
    """Whether the lock file lists Python packages."""


class Table(_Strict):
    wheels: str = ""
    """Lock file of the Python packages that bring the programs."""
    install: Install | None = None
    path: tuple[str, ...] = ()
    """Directories of programs."""
    containers: Mapping[str, Program] = Field(default_factory=dict)
    services: Services | None = None
    received: Mapping[str, int] = Field(default_factory=dict)
    """Containers whose traces, sent to a port, `msgen dev` itself receives."""


@dataclass(frozen=True)
class Tables:
    containers: Mapping[str, tuple[Table, Program]] = field(default_factory=dict)
    languages: tuple[tuple[Table, Services], ...] = ()
    received: frozenset[tuple[str, int]] = frozenset()
    """Containers and ports in whose place `msgen dev` itself receives traces."""

    def language(self, folder: Path) -> tuple[Table, Services] | None:
        """Return how a service runs, by the lock file in its directory."""
        return next((entry for entry in self.languages if (folder / entry[1].lock).exists()), None)


def read_tables(pack: Pack) -> Tables:
    """Read the tables of all packs; those that are looked up first win. Raises `UserError`."""
    containers: dict[str, tuple[Table, Program]] = {}
    languages: list[tuple[Table, Services]] = []
    received: set[tuple[str, int]] = set()
    for root in reversed(pack.roots):
        for file in sorted(root.glob(f"*/{TABLE}")):
            table = _read(file)
            containers |= {name: (table, program) for name, program in table.containers.items()}
            received |= set(table.received.items())
            if table.services:
                languages.insert(0, (table, table.services))
    return Tables(containers, tuple(languages), frozenset(received))


def _read(file: Path) -> Table:
    try:
        return Table.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except ValidationError as error:
        found = error.errors()[0]
        raise user_error(f"{'.'.join(map(str, found['loc']))}: {found['msg']}", file=file) from error
    except (OSError, yaml.YAMLError) as error:
        raise user_error(f"cannot read this table: {error}", file=file) from error


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Replace `{name}` by a value, and `{name:argument}` by the result of a function; others stay."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        if found is None or callable(found) is (match[2] is None):
            return match[0]
        return str(found(match[2]) if callable(found) else found)

    return PLACEHOLDER.sub(value, text)
