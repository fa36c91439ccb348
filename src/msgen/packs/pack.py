"""Template packs: a folder of templates and a table, `pack.yaml`, that says which folder goes where."""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgen.core.errors import Problem, UserError, user_error
from msgen.description.source_map import Source, read_bytes
from msgen.description.yaml_reader import parse

TABLE = "pack.yaml"
SUFFIX = ".j2"
"""Of files that are rendered; others are copied."""
SCOPES = ("system", "service", "resource", "change", "call", "consumes", "subscribes", "queue", "event")
"""What a layer can be laid for each of; see `render.OBJECTS` for the variables of each."""

LAYER_KEYS = ("from", "into", "each", "when", "provides")
TABLE_KEYS = ("layers", "languages", "once", "lasting", "executable")
OWN_KEYS = (*TABLE_KEYS, "variables")
"""Of the table of a repository's own templates."""

# What tools leave in folders that people work in.
LEFTOVERS = frozenset(
    {"__pycache__", ".DS_Store", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".venv", "node_modules"}
)


@dataclass(frozen=True)
class Layer:
    """A folder of templates that is laid over the output, once for each object of a scope."""

    source: str
    """The folder, inside the pack; empty for a layer that only provides."""
    into: str
    """The folder that it is laid over; may hold `{{ }}`."""
    each: str
    """One of `SCOPES`."""
    when: str
    """An expression; the layer is left out where it is false."""
    provides: MappingProxyType[str, tuple[str, ...]]
    """What it adds to lists that other templates print, by list; texts may hold `{{ }}`."""
    line: int = 0
    """Of `pack.yaml`, where it begins."""
    table: str = ""
    """That file, where it is not the pack's own."""

    def problem(self, root: Path, message: str) -> Problem:
        file = self.table or str(root / TABLE)
        return Problem(self.line, 1, f"layer {self.source or '(without a folder)'}: {message}", file=file)


@dataclass(frozen=True)
class Pack:
    root: Path
    layers: tuple[Layer, ...]
    languages: dict[str, dict[str, Any]]
    """Languages that services can be written in, each with its reserved names: {resource: [...], field: [...]}."""
    once: tuple[str, ...]
    """Patterns of output paths that belong to the user from the first day; `*` takes slashes as well."""
    executable: tuple[str, ...]
    lasting: tuple[str, ...] = ()
    """Patterns of those that stay for good once they are made, as long as others in their folder are made."""
    lists: frozenset[str] = field(default_factory=frozenset)
    """Every list that some layer adds to."""
    own: Path | None = None
    """The repository's templates, which take the place of the pack's at the same paths."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What the repository's table says for its templates."""
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    """Templates of the repository's as they are going to be, before they are written."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where templates are looked up, in this order."""
        return (self.own, self.root) if self.own else (self.root,)

    def files(self, folder: str) -> list[str]:
        """The files of a layer's folder; what makes the same output replaces what is further down the order."""
        found: dict[str, str] = {}
        for root in reversed(self.roots):
            if (root / folder).is_dir():
                found |= {file.removesuffix(SUFFIX): file for file in layer_files(root / folder)}
        return [found[name] for name in sorted(found)]

    def read(self, file: str) -> bytes:
        """A file of the pack, or of the repository's in its place. Raises `UserError`."""
        if file in self.overlay:
            return self.overlay[file]
        path = next((root / file for root in self.roots if (root / file).is_file()), self.root / file)
        try:
            return path.read_bytes()
        except OSError as error:
            raise user_error(f"cannot read this file of the template pack: {error.strerror}", file=path) from error

    def is_once(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.once)

    def is_lasting(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.lasting)

    def mode(self, path: str) -> int:
        return 0o755 if any(fnmatchcase(path, pattern) for pattern in self.executable) else 0o644


def builtin_root() -> Path:
    """The folder of the built-in pack: inside the installed package, or beside `src` in a checkout."""
    inside = Path(__file__).parents[1] / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "templates"


def load_pack(root: Path, own: Path | None = None) -> Pack:
    """Reads a pack's table, and that of a repository's own templates, where there are any.

    Raises `UserError` with everything that is wrong with them, each with its line.
    """
    table, layers = _read_table(root / TABLE, (root,), TABLE_KEYS)
    pack = Pack(
        root=root,
        layers=tuple(layers),
        languages=table.get("languages", {}),
        once=tuple(table.get("once", ())),
        executable=tuple(table.get("executable", ())),
        lasting=tuple(table.get("lasting", ())),
        lists=frozenset(name for layer in layers for name in layer.provides),
    )
    return _with_own(pack, own) if own and own.is_dir() else pack


def _with_own(pack: Pack, own: Path) -> Pack:
    """The pack with a repository's templates before its own, and the repository's layers after its own."""
    if own.is_symlink():
        raise user_error("a template pack holds no symbolic links", file=own)
    file = own / TABLE
    if not file.exists():
        return replace(pack, own=own)
    table, layers = _read_table(file, (own, pack.root), OWN_KEYS)
    return replace(
        pack,
        own=own,
        layers=(*pack.layers, *(replace(layer, table=str(file)) for layer in layers)),
        languages={**pack.languages, **table.get("languages", {})},
        once=(*pack.once, *table.get("once", ())),
        executable=(*pack.executable, *table.get("executable", ())),
        lasting=(*pack.lasting, *table.get("lasting", ())),
        lists=pack.lists | {name for layer in layers for name in layer.provides},
        variables=table.get("variables", {}),
    )


def _read_table(file: Path, roots: tuple[Path, ...], known: tuple[str, ...]) -> tuple[dict[str, Any], list[Layer]]:
    source = parse(read_bytes(file), str(file))
    problems = [*source.problems, *_problems(source, roots, known)]
    if problems:
        raise UserError(*problems)
    rows = source.data.get("layers", [])
    return source.data, [_layer(row, source.keys[("layers", i, next(iter(row)))].line) for i, row in enumerate(rows)]


def layer_files(folder: Path) -> tuple[str, ...]:
    """The files of a layer's folder, as sorted relative paths with slashes.

    Raises `UserError` for symbolic links, and for folders that cannot be read.
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
                raise user_error("a template pack holds no symbolic links", file=entry.path)
            if entry.is_dir():
                yield from _files(entry.path, f"{inside}{entry.name}/")
            elif not entry.name.endswith((".pyc", "~")):
                yield inside + entry.name


def _layer(row: Mapping[str, Any], line: int) -> Layer:
    provides = {name: tuple(texts) for name, texts in row.get("provides", {}).items()}
    return Layer(
        source=row.get("from", ""),
        into=row.get("into", "."),
        each=row.get("each", "system"),
        when=row.get("when", "true"),
        provides=MappingProxyType(provides),
        line=line,
    )


def _problems(source: Source, roots: tuple[Path, ...], known: tuple[str, ...]) -> Iterator[Problem]:
    table = source.data
    if not isinstance(table, dict):
        yield source.problem((), f"a template pack's table has the keys {', '.join(known)}")
        return
    yield from _unknown(source, (), table, known)
    if not isinstance(table.get("variables", {}), dict):
        yield source.problem(("variables",), "variables is a table: name, then value")
    for key in ("once", "lasting", "executable"):
        if not _is_texts(table.get(key, [])):
            yield source.problem((key,), f"{key} is a list of patterns of output paths")
    languages = table.get("languages", {})
    if not isinstance(languages, dict) or not all(isinstance(about, dict) for about in languages.values()):
        yield source.problem(("languages",), "languages is a table: name of the language, then what is known of it")
    layers = table.get("layers", None if known == TABLE_KEYS else [])
    if not isinstance(layers, list):
        yield source.problem(("layers",) if "layers" in table else (), "layers, a list, is missing")
        return
    for number, row in enumerate(layers):
        yield from _layer_problems(source, ("layers", number), row, roots)


def _layer_problems(
    source: Source, path: tuple[str | int, ...], row: Any, roots: tuple[Path, ...]
) -> Iterator[Problem]:
    if not isinstance(row, dict):
        yield source.problem(path, f"a layer is a table with some of the keys {', '.join(LAYER_KEYS)}")
        return
    yield from _unknown(source, path, row, LAYER_KEYS)
    for key in ("from", "into", "each", "when"):
        if key in row and not isinstance(row[key], str):
            yield source.problem((*path, key), f"{key} is a text", "put it in quotes")
    folder = row.get("from")
    if folder is None and not row.get("provides"):
        yield source.problem(path, "a layer has a folder (from), or provides something, or both")
    if isinstance(folder, str):
        outside = folder.startswith("/") or ".." in folder.split("/")
        if outside or not any((root / folder).is_dir() for root in roots):
            yield source.problem((*path, "from"), f"there is no folder {folder!r} in this pack")
    each = row.get("each", "system")
    if isinstance(each, str) and each not in SCOPES:
        yield source.problem((*path, "each"), f"each is one of {', '.join(SCOPES)}", _near(each, SCOPES))
    provides = row.get("provides", {})
    if not isinstance(provides, dict) or not all(_is_texts(texts) for texts in provides.values()):
        yield source.problem((*path, "provides"), "provides is a table of lists of texts")


def _unknown(
    source: Source, path: tuple[str | int, ...], row: Mapping[str, Any], known: tuple[str, ...]
) -> Iterator[Problem]:
    for key in row:
        if key not in known:
            hint = _near(key, known) or f"known are {', '.join(known)}"
            yield source.problem((*path, key), f"unknown key {key!r}", hint, key=True)


def _near(word: str, known: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(word, known, 1)
    return f"did you mean {found[0]!r}?" if found else ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
