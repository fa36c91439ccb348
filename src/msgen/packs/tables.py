"""`pack.yaml`: the layers of a pack, what they share, and the packs in its folders."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgen.core.errors import Problem, UserError
from msgen.description.source_map import Source, Where, read_bytes
from msgen.description.yaml_reader import parse
from msgen.packs.code_layout import STYLES

TABLE = "pack.yaml"

SCOPES = ("system", "service", "resource", "change", "call", "consumes", "subscribes", "queue", "event")
"""What a layer can be laid for each of; see `render.OBJECTS` for the variables of each."""
OF_SERVICES = SCOPES[1:7]
"""Those that belong to a service, and so to a language."""

DEFAULT_KEYS = ("into", "each", "when")
LAYER_KEYS = ("from", *DEFAULT_KEYS, "provides")
PATTERN_KEYS = ("once", "lasting", "executable")
TABLE_KEYS = ("packs", "language", "reserved", "layers_for", "layers", *PATTERN_KEYS, "layout", "moved", "variables")


@dataclass(frozen=True)
class Layer:
    """A folder of templates that is laid over the output, once for each object of a scope."""

    source: str
    """The folder, inside the root pack; empty for a layer that only provides."""
    into: str
    """The folder that it is laid over; may hold `{{ }}`."""
    each: str
    """One of `SCOPES`."""
    when: str
    """An expression; the layer is left out where it is false."""
    provides: Mapping[str, tuple[str, ...]]
    """What it adds to lists that other templates print, by list; texts may hold `{{ }}`."""
    table: str
    """The `pack.yaml` that lists it."""
    line: int
    """Where it begins there."""

    def problem(self, message: str) -> Problem:
        return Problem(self.line, 1, f"layer {self.source or '(without a folder)'}: {message}", file=self.table)


@dataclass(frozen=True)
class Table:
    """One `pack.yaml`; patterns are of output paths, from the root of the repository."""

    language: str
    """The language that its layers are for, if any."""
    about: Mapping[str, Any]
    """What checks know of the language: {reserved: {kind of name: [names]}}."""
    layers: tuple[Layer, ...]
    once: tuple[str, ...]
    lasting: tuple[str, ...]
    executable: tuple[str, ...]
    layout: Mapping[str, str]
    """Patterns of rendered files whose long lines are split, with the style: a key of `code_layout.STYLES`."""
    moved: Mapping[str, str]
    """Old paths of generated files, and their new ones; `*` is one name, the same in both."""
    variables: Mapping[str, Any]


def read_tables(root: Path, roots: tuple[Path, ...]) -> list[Table]:
    """The table of a folder and those of the packs that it lists; layers are looked up in `roots`.

    Raises `UserError` with everything that is wrong with them, each with its line.
    """
    problems: list[Problem] = []
    tables = list(_read(root, "", roots, problems))
    if problems:
        raise UserError(*problems)
    return tables


def _read(root: Path, folder: str, roots: tuple[Path, ...], problems: list[Problem]) -> Iterator[Table]:
    file = root / folder / TABLE
    source = parse(read_bytes(file), str(file))
    found = [*source.problems, *_problems(source, folder, roots)]
    problems += found
    if not found:
        yield _table(source, folder)
        for name in source.data.get("packs", ()):
            yield from _read(root, f"{folder}{name}/", roots, problems)


def _table(source: Source, folder: str) -> Table:
    data = source.data
    language = data.get("language", "")
    defaults = data.get("layers_for", {})
    into = re.sub(r"{{.*?}}", "*", defaults.get("into", ""))
    prefix = f"{into}/" if into else ""
    patterns = {key: tuple(prefix + p for p in data.get(key, ())) for key in PATTERN_KEYS}
    rows = [{"from": row} if isinstance(row, str) else row for row in data.get("layers", ())]
    return Table(
        language=language,
        about={"reserved": _reserved(data.get("reserved", {}))},
        layers=tuple(
            _layer(row, defaults, language, folder, source.file, _line(source, number))
            for number, row in enumerate(rows)
        ),
        layout={prefix + pattern: style for pattern, style in data.get("layout", {}).items()},
        moved={prefix + old: prefix + new for old, new in data.get("moved", {}).items()},
        variables=data.get("variables", {}),
        **patterns,
    )


def _line(source: Source, number: int) -> int:
    row = source.data["layers"][number]
    places = source.values if isinstance(row, str) else source.keys
    where: Where = ("layers", number) if isinstance(row, str) else ("layers", number, next(iter(row)))
    return places[where].line


def _reserved(table: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Names by kind; a key of the table can name several kinds, with commas between them."""
    found: dict[str, list[str]] = {}
    for kinds, names in table.items():
        for kind in kinds.split(","):
            found.setdefault(kind.strip(), []).extend(names)
    return found


def _layer(
    row: Mapping[str, Any], defaults: Mapping[str, str], language: str, folder: str, table: str, line: int
) -> Layer:
    each = row.get("each", defaults.get("each", "system"))
    conditions = [table["when"] for table in (defaults, row) if "when" in table]
    if language and each in OF_SERVICES:
        conditions.insert(0, f'service.language == "{language}"')
    return Layer(
        source=f"{folder}{row['from']}" if "from" in row else "",
        into=row.get("into", defaults.get("into", ".")),
        each=each,
        when=" and ".join(f"({c})" if len(conditions) > 1 else c for c in conditions) or "true",
        provides=MappingProxyType({name: tuple(texts) for name, texts in row.get("provides", {}).items()}),
        table=table,
        line=line,
    )


def _problems(source: Source, folder: str, roots: tuple[Path, ...]) -> Iterator[Problem]:
    table = source.data
    if not isinstance(table, dict):
        yield source.problem((), f"a pack's table has some of the keys {', '.join(TABLE_KEYS)}")
        return
    yield from _unknown(source, (), table, TABLE_KEYS)
    if not isinstance(table.get("language", ""), str):
        yield source.problem(("language",), "language is a name")
    if not isinstance(table.get("variables", {}), dict):
        yield source.problem(("variables",), "variables is a table: name, then value")
    yield from _path_problems(source, table)
    reserved = table.get("reserved", {})
    if not isinstance(reserved, dict) or not all(_is_texts(names) for names in reserved.values()):
        yield source.problem(("reserved",), "reserved is a table: kind of name, then a list of names")
    yield from _pack_problems(source, table.get("packs", []))
    yield from _layers_problems(source, table, folder, roots)


def _layers_problems(
    source: Source, table: Mapping[str, Any], folder: str, roots: tuple[Path, ...]
) -> Iterator[Problem]:
    if isinstance(table.get("layers_for", {}), dict):
        yield from _row_problems(source, ("layers_for",), table.get("layers_for", {}), DEFAULT_KEYS)
    else:
        yield source.problem(("layers_for",), f"layers_for is a table with some of the keys {', '.join(DEFAULT_KEYS)}")
    layers = table.get("layers", [])
    if not isinstance(layers, list):
        yield source.problem(("layers",), "layers is a list")
        return
    for number, row in enumerate(layers):
        yield from _layer_problems(source, ("layers", number), row, folder, roots)


def _path_problems(source: Source, table: Mapping[str, Any]) -> Iterator[Problem]:
    for key in PATTERN_KEYS:
        if not _is_texts(table.get(key, [])):
            yield source.problem((key,), f"{key} is a list of patterns of output paths")
    moved = table.get("moved", {})
    if not isinstance(moved, dict) or not all(isinstance(new, str) for new in moved.values()):
        yield source.problem(("moved",), "moved is a table: old path, then new path")
    layout = table.get("layout", {})
    if not isinstance(layout, dict) or not all(style in STYLES for style in layout.values()):
        yield source.problem(("layout",), f"layout is a table: pattern of paths, then one of {', '.join(STYLES)}")


def _pack_problems(source: Source, packs: Any) -> Iterator[Problem]:
    if not _is_texts(packs):
        yield source.problem(("packs",), "packs is a list of folders")
        return
    here = Path(source.file).parent
    for number, name in enumerate(packs):
        if "/" in name or not (here / name / TABLE).is_file():
            others = tuple(file.parent.name for file in here.glob(f"*/{TABLE}"))
            yield source.problem(("packs", number), f"there is no pack {name!r} here", _near(name, others))


def _layer_problems(source: Source, path: Where, row: Any, folder: str, roots: tuple[Path, ...]) -> Iterator[Problem]:
    row = {"from": row} if isinstance(row, str) else row
    if not isinstance(row, dict):
        yield source.problem(path, f"a layer is a folder, or a table with some of the keys {', '.join(LAYER_KEYS)}")
        return
    yield from _row_problems(source, path, row, LAYER_KEYS)
    inside = row.get("from")
    if inside is None and not row.get("provides"):
        yield source.problem(path, "a layer has a folder (from), or provides something, or both")
    if isinstance(inside, str):
        outside = inside.startswith("/") or ".." in inside.split("/")
        if outside or not any((root / folder / inside).is_dir() for root in roots):
            yield source.problem((*path, "from"), f"there is no folder {inside!r} in this pack")
    provides = row.get("provides", {})
    if not isinstance(provides, dict) or not all(_is_texts(texts) for texts in provides.values()):
        yield source.problem((*path, "provides"), "provides is a table of lists of texts")


def _row_problems(source: Source, path: Where, row: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    yield from _unknown(source, path, row, known)
    for key in ("from", *DEFAULT_KEYS):
        if key in row and not isinstance(row[key], str):
            yield source.problem((*path, key), f"{key} is a text", "put it in quotes")
    each = row.get("each", "system")
    if isinstance(each, str) and each not in SCOPES:
        yield source.problem((*path, "each"), f"each is one of {', '.join(SCOPES)}", _near(each, SCOPES))


def _unknown(source: Source, path: Where, row: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    for key in row:
        if key not in known:
            hint = _near(key, known) or f"known are {', '.join(known)}"
            yield source.problem((*path, key), f"unknown key {key!r}", hint, key=True)


def _near(word: str, known: tuple[str, ...]) -> str:
    found = difflib.get_close_matches(word, known, 1)
    return f"did you mean {found[0]!r}?" if found else ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
