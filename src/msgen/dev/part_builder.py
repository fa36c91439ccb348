"""Build the part that runs in place of a container."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgen.core.errors import user_error
from msgen.dev import installing
from msgen.dev.compose import image_command
from msgen.dev.installing import SITE_PACKAGES, Installation
from msgen.dev.leftovers import MARK
from msgen.dev.part import Part, Step
from msgen.dev.system import Stand, System
from msgen.dev.tables import File, fill

VARIABLE = re.compile(r"\$\{(\w+)\}")
ANY = ("0.0.0.0", "127.0.0.1")  # noqa: S104 - addresses in files, not listened on
PASSED_ON = re.compile(r"HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|SSL_CERT_.*|.*_proxy|.*_PROXY")
"""Variables of this process that parts see, besides those of their containers."""


def build(system: System, stand: Stand, dev: Path, find: Callable[[str], Path]) -> Part:
    """Return the part of a container; `find` returns a file of the packs. Raises `UserError`."""
    return _Builder(system, stand, dev, find).part()


class _Builder:
    def __init__(self, system: System, stand: Stand, dev: Path, find: Callable[[str], Path]) -> None:
        self._system, self._stand, self._program = system, stand, stand.program
        self._find = find
        self._folder = system.root / stand.folder
        self._data = dev / "data" / stand.name
        self._mark = str(dev)
        self._own = system.translated(stand.container.environment)
        self._values: dict[str, Any] = {
            "data": self._data,
            "port": lambda inside: system.local(stand.name, int(inside)),
            "address": lambda text: system.local(*_split(text)),
            "env": lambda key: self._own.get(key) or system.variable(key),
        }
        self._installations = list(self._installed())

    def part(self) -> Part:
        stand, program, ready = self._stand, self._program, self._program.ready
        if stand.migrates:
            ready = None
        environment = self._environment()
        needed = program.requires
        if needed and not shutil.which(needed.program, path=environment["PATH"]):
            raise user_error(f"{needed.program} is not installed", needed.hint)
        return Part(
            name=stand.name,
            run=stand.container.command if stand.migrates else tuple(self._command()),
            directory=self._folder,
            environment=environment,
            data=self._data,
            task=self._system.is_task(stand.name),
            service=bool(stand.folder) and not stand.migrates,
            after=tuple(stand.container.after),
            last=program.last,
            address=next((self._system.local(stand.name, inside) or 0 for inside in stand.ports), 0),
            port=(self._system.local(stand.name, ready.port) or 0) if ready else 0,
            path=ready.path if ready else "",
            check=tuple(self._fill(word) for word in ready.run) if ready else (),
            unprivileged=program.unprivileged,
            stop=program.stop,
            watch=tuple(self._folder / path for path in stand.watched),
            files={Path(self._fill(path)): self._content(file) for path, file in program.files.items()},
            prepare=tuple(
                Step(Path(self._fill(s.unless)), tuple(self._fill(word) for word in s.run)) for s in program.prepare
            ),
            installations=tuple(self._installations),
            pages=dict(self._pages()),
        )

    def _fill(self, text: str) -> str:
        return fill(text, self._values)

    def _environment(self) -> dict[str, str]:
        path = [self._fill(entry) for entry in self._stand.table.path]
        if self._stand.language and self._stand.language.virtualenv:
            path.insert(0, str(self._installations[-1].into / "bin"))
        return {
            **{key: value for key, value in os.environ.items() if PASSED_ON.fullmatch(key)},
            **self._own,
            **{key: self._fill(text) for key, text in self._program.environment.items()},
            "PATH": os.pathsep.join([*path, os.environ.get("PATH", os.defpath)]),
            MARK: self._mark,
        }

    def _command(self) -> Iterator[str]:
        for word in self._program.run:
            if word == "{command}":
                yield from self._stand.container.command or image_command(self._folder / "Dockerfile")
            else:
                yield self._fill(word)

    def _installed(self) -> Iterator[Installation]:
        """Yield what must be installed first, and add its place to the values."""
        table, language = self._stand.table, self._stand.language
        name = self._folder.name if self._stand.folder else self._stand.name
        if table.wheels:
            programs = installing.virtualenv(f"programs of {name}", self._find(table.wheels))
            self._values["wheels"] = programs.into / SITE_PACKAGES
            yield programs
        if install := table.install:
            path = tuple(self._fill(entry) for entry in table.path)
            run = tuple(self._fill(word) for word in install.run)
            if install.creates:
                lock, creates = self._folder / install.lock, self._folder / install.creates
                yield Installation(f"packages of {name}", lock, self._folder, run, path, creates)
            else:
                packages = installing.packages(name, self._find(install.lock), run, path)
                self._values["installed"] = packages.into
                yield packages
        if language and language.virtualenv:
            yield installing.virtualenv(f"packages of {name}", self._folder / language.lock)

    def _content(self, file: File) -> str:
        if not file.source:
            return self._fill(file.text)
        text = (self._system.root / file.source).read_text("utf-8")
        if not file.addresses:
            return self._system.filled(text)
        own = VARIABLE.sub(lambda match: self._own.get(match[1], match[0]), text)
        return re.sub(file.addresses, self._local, own)

    def _local(self, match: re.Match[str]) -> str:
        """Replace an address in a configuration: listeners are its own, others those of other containers."""
        host, inside = match["host"], match["port"]
        port = self._system.local(self._stand.name if host in ANY else host, int(inside))
        if not port:
            return match[0]
        (first, second), (third, last) = match.span("host"), match.span("port")
        text = match.string
        return f"{text[match.start() : first]}127.0.0.1{text[second:third]}{port}{text[last : match.end()]}"

    def _pages(self) -> Iterator[tuple[str, str]]:
        for inside in self._stand.container.published if self._program.page else ():
            if port := self._system.local(self._stand.name, inside):
                yield self._program.page, f"http://localhost:{port}"


def _split(address: str) -> tuple[str, int]:
    name, _, inside = address.rpartition(":")
    return name, int(inside)
