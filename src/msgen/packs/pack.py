"""Template packs: folders of templates, each with a table, `pack.yaml`, that maps folders to output paths."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase, translate
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from msgen.core.errors import UserError, user_error
from msgen.description.vocabulary import Vocabulary
from msgen.packs.code_layout import fit
from msgen.packs.jinja import holds, make_environment
from msgen.packs.table_checks import TABLE
from msgen.packs.tables import Layer, Table, declared_names, read_tables

SUFFIX = ".j2"
"""Suffix of files that are rendered; others are copied."""
NOTHING = r"(?!)"
"""Regular expression that matches nothing."""

# Caches and environments that tools create in a worktree.
LEFTOVERS = frozenset(
    {"__pycache__", ".DS_Store", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".venv", "node_modules"}
)


@dataclass(frozen=True)
class Pack:
    root: Path
    layers: tuple[Layer, ...] = ()
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Languages of services, each with its reserved names: {reserved: {resource: [...], field: [...]}}."""
    tables: tuple[Table, ...] = ()
    """All tables in order; see `vocabulary` and `rendering.environment`."""
    once: tuple[str, ...] = ()
    """Patterns of output paths that are generated once and then belong to the user; `*` also matches slashes."""
    executable: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    """Patterns of `once` that are kept when no longer generated, if another file in their folder still is."""
    lists: frozenset[str] = field(default_factory=frozenset)
    """All lists that a layer adds to."""
    external: tuple[Path, ...] = ()
    """Packs that the description lists; the last one is looked up first."""
    own: Path | None = None
    """The repository's templates, which override those of the packs at the same paths."""
    layout: Mapping[str, str] = field(default_factory=dict)
    """Patterns of rendered files whose long lines are split, with a key of `code_layout.STYLES`."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Values that templates read as `variables`."""
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    """Merged templates of the repository that are not written yet."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Directories that templates are looked up in, in this order."""
        return (*([self.own] if self.own else ()), *reversed(self.external), self.root)

    @cached_property
    def moved(self) -> Mapping[str, str]:
        """Old paths of generated files -> new paths; `*` matches one path segment, the same in both."""
        return {old: new for table in self.tables for old, new in table.moved().items()}

    @property
    def vocabulary(self) -> Vocabulary:
        """Names, ports and languages that descriptions are validated against."""
        reserved: dict[str, dict[str, str]] = {}
        for table in self.tables:
            for kind, names in table.reserved.items() if not table.language else ():
                reserved.setdefault(kind, {}).update(names)
            for kind, name in declared_names(table):
                reserved.setdefault(kind, {})[name] = "msgen sets this variable"
        return Vocabulary(self.languages, reserved, self._ports)

    def _ports(self, parts: object) -> dict[int, str]:
        environment = make_environment(*self.roots)
        found: dict[int, str] = {}
        for row in (table.ports for table in self.tables if table.ports.values):
            try:
                if holds(environment, row.when, {"system": parts}):
                    found |= {port: owner for owner, port in row.values.items()}
            except TemplateError as error:
                raise UserError(row.problem(f"ports: {error}")) from error
        return found

    def files(self, folder: str) -> list[str]:
        """Return the files of a layer's folder; of files with the same output, the one in the first root wins."""
        found: dict[str, str] = {}
        for root in reversed(self.roots):
            if (root / folder).is_dir():
                found |= {file.removesuffix(SUFFIX): file for file in layer_files(root / folder)}
        return [found[name] for name in sorted(found)]

    def read(self, file: str) -> bytes:
        """Read a file of the pack or its override. Raises `UserError`."""
        if file in self.overlay:
            return self.overlay[file]
        path = self.path(file)
        try:
            return path.read_bytes()
        except OSError as error:
            raise user_error(f"cannot read this file of the template pack: {error.strerror}", file=path) from error

    def path(self, file: str) -> Path:
        """Return the path of a file of the pack or its override."""
        return next((root / file for root in self.roots if (root / file).is_file()), self.root / file)

    def is_once(self, path: str) -> bool:
        return bool(self._once.match(path))

    def is_lasting(self, path: str) -> bool:
        return bool(self._lasting.match(path))

    def laid_out(self, path: str, text: str) -> str:
        """Split long lines of a rendered file as the formatter of its language does."""
        style = next((style for pattern, style in self.layout.items() if fnmatchcase(path, pattern)), "")
        return fit(text, style) if style else text

    def mode(self, path: str) -> int:
        return 0o755 if self._executable.match(path) else 0o644

    @cached_property
    def _once(self) -> re.Pattern[str]:
        return _any_of(self.once)

    @cached_property
    def _lasting(self) -> re.Pattern[str]:
        return _any_of(self.lasting)

    @cached_property
    def _executable(self) -> re.Pattern[str]:
        return _any_of(self.executable)


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """Compile patterns into one: each is tried on every generated path."""
    return re.compile("|".join(map(translate, patterns)) or NOTHING)


def builtin_root() -> Path:
    """Return the folder of the built-in pack: inside the installed package, or beside `src` in a checkout."""
    inside = Path(__file__).parents[1] / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "templates"


def load_pack(root: Path, own: Path | None = None, external: Sequence[Path] = ()) -> Pack:
    """Read the tables of a pack, of external packs, and of a repository's templates if it has any.

    Raises `UserError` with every problem and its line.
    """
    pack = _extended(Pack(root), read_tables(root, (root,)))
    for folder in external:
        pack = _extended(replace(pack, external=(*pack.external, folder)), read_tables(folder, (folder, root)))
    if not own or not own.is_dir():
        return pack
    if own.is_symlink():
        raise user_error("a template pack must not contain symbolic links", file=own)
    pack = replace(pack, own=own)
    return _extended(pack, read_tables(own, pack.roots)) if (own / TABLE).exists() else pack


def _extended(pack: Pack, tables: list[Table]) -> Pack:
    """Append tables to a pack."""
    layers = [layer for table in tables for layer in table.layers]
    return replace(
        pack,
        layers=(*pack.layers, *layers),
        languages={**pack.languages, **{t.language: {"reserved": t.reserved} for t in tables if t.language}},
        tables=(*pack.tables, *tables),
        once=(*pack.once, *(pattern for table in tables for pattern in table.once)),
        executable=(*pack.executable, *(pattern for table in tables for pattern in table.executable)),
        lasting=(*pack.lasting, *(pattern for table in tables for pattern in table.lasting)),
        layout={**pack.layout, **{pattern: style for table in tables for pattern, style in table.layout.items()}},
        lists=pack.lists | {name for layer in layers for name in layer.provides},
        variables={**pack.variables, **{name: value for t in tables for name, value in t.variables.items()}},
    )


def layer_files(folder: Path) -> tuple[str, ...]:
    """Return the files of a layer's folder as sorted POSIX paths relative to it.

    Raises `UserError` for symbolic links and unreadable folders.
    """
    try:
        return tuple(sorted(_files(str(folder), "")))
    except OSError as error:
        message = f"cannot read this folder of the template pack: {error.strerror}"
        raise user_error(message, file=error.filename or folder) from error


def _files(folder: str, inside: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in LEFTOVERS:
                continue
            if entry.is_symlink():
                raise user_error("a template pack must not contain symbolic links", file=entry.path)
            if entry.is_dir():
                yield from _files(entry.path, f"{inside}{entry.name}/")
            elif not entry.name.endswith((".pyc", "~")):
                yield inside + entry.name


def own_files(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield every entry below a repository's templates and whether it is a regular file; links are not followed."""
    for parent, folders, files in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links) - LEFTOVERS)
        for name in sorted([*files, *links]):
            if name not in LEFTOVERS and not name.endswith((".pyc", "~")):
                path = Path(parent) / name
                yield (inside / name).as_posix(), path.is_file() and not path.is_symlink()
