"""Validate the keys and values of a `pack.yaml`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgen.core.errors import Problem
from msgen.core.suggestions import did_you_mean
from msgen.description.source_map import Source, Where
from msgen.packs.code_layout import STYLES

TABLE = "pack.yaml"

SCOPES = (
    *("system", "service", "resource", "change", "operation", "rule"),
    *("job", "call", "consumes", "subscribes", "queue", "event"),
)
"""Scopes of a layer, which is rendered once for each object; `render.OBJECTS` lists the variables of each."""

DEFAULT_KEYS = ("into", "each", "when")
LAYER_KEYS = ("from", *DEFAULT_KEYS, "provides")
PATTERN_KEYS = ("once", "lasting", "executable")
ROW_KEYS = {
    "environment": ("name", "each", "when", "type", "value", "about", "secret", "default", "choices", "outside"),
    "secrets": ("name", "each", "when", "kind", "about"),
}
TABLE_KEYS = (
    *("packs", "language", "reserved", "layers_for", "layers", *ROW_KEYS, "ports"),
    *(*PATTERN_KEYS, "layout", "moved", "variables"),
)


def table_problems(source: Source, folder: str, roots: tuple[Path, ...]) -> Iterator[Problem]:
    table = source.data
    if not isinstance(table, dict):
        yield source.problem((), f"{TABLE} must be a mapping with keys of: {', '.join(TABLE_KEYS)}")
        return
    yield from _unknown(source, (), table, TABLE_KEYS)
    if not isinstance(table.get("language", ""), str):
        yield source.problem(("language",), "language must be a string")
    if not isinstance(table.get("variables", {}), dict):
        yield source.problem(("variables",), "variables must be a mapping of names to values")
    yield from _path_problems(source, table)
    if not isinstance(table.get("reserved"), str):
        yield from reserved_problems(source, ("reserved",), table.get("reserved", {}), table.get("language", ""))
    yield from _component_problems(source, table)
    yield from _pack_problems(source, table.get("packs", []))
    yield from _layers_problems(source, table, folder, roots)


def reserved_problems(source: Source, where: Where, reserved: Any, language: str) -> Iterator[Problem]:
    inner = list(reserved.values()) if isinstance(reserved, dict) else [None]
    if language:
        if not all(_is_texts(names) for names in inner):
            yield source.problem(where, "reserved must be a mapping of kinds to lists of names, or a file with one")
    elif not all(isinstance(reasons, dict) and all(map(_is_texts, reasons.values())) for reasons in inner):
        message = "reserved must be a mapping of kinds to mappings of reasons to lists of names"
        yield source.problem(where, message, "add the reason; only a `language` lists names without one")


def _component_problems(source: Source, table: Mapping[str, Any]) -> Iterator[Problem]:
    ports = table.get("ports", {})
    if not isinstance(ports, dict) or not all(isinstance(port, int) for port in ports.values()):
        yield source.problem(("ports",), "ports must be a mapping of owners to host ports")
    for key, known in ROW_KEYS.items():
        rows = table.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) and row for row in rows):
            yield source.problem((key,), f"{key} must be a list of mappings with keys of: {', '.join(known)}")
            continue
        for number, row in enumerate(rows):
            yield from _row_problems(source, (key, number), row, known)
            if missing := [name for name in ("name", "about") if not isinstance(row.get(name), str)]:
                yield source.problem((key, number), f"an entry of {key} needs a string {missing[0]!r}")


def _layers_problems(
    source: Source, table: Mapping[str, Any], folder: str, roots: tuple[Path, ...]
) -> Iterator[Problem]:
    if isinstance(table.get("layers_for", {}), dict):
        yield from _row_problems(source, ("layers_for",), table.get("layers_for", {}), DEFAULT_KEYS)
    else:
        yield source.problem(("layers_for",), f"layers_for must be a mapping with keys of: {', '.join(DEFAULT_KEYS)}")
    layers = table.get("layers", [])
    if not isinstance(layers, list):
        yield source.problem(("layers",), "layers must be a list")
        return
    for number, row in enumerate(layers):
        yield from _layer_problems(source, ("layers", number), row, folder, roots)


def _path_problems(source: Source, table: Mapping[str, Any]) -> Iterator[Problem]:
    for key in PATTERN_KEYS:
        if not _is_texts(table.get(key, [])):
            yield source.problem((key,), f"{key} must be a list of patterns of output paths")
    if not isinstance(table.get("moved"), str):
        yield from moved_problems(source, ("moved",), table.get("moved", {}))
    layout = table.get("layout", {})
    if not isinstance(layout, dict) or not all(style in STYLES for style in layout.values()):
        yield source.problem(("layout",), f"layout must be a mapping of path patterns to one of: {', '.join(STYLES)}")


def moved_problems(source: Source, where: Where, moved: Any) -> Iterator[Problem]:
    if not isinstance(moved, dict) or not all(isinstance(new, str) for new in moved.values()):
        yield source.problem(where, "moved must be a mapping of old to new paths, or a file with one")


def _pack_problems(source: Source, packs: Any) -> Iterator[Problem]:
    if not _is_texts(packs):
        yield source.problem(("packs",), "packs must be a list of folders")
        return
    here = Path(source.file).parent
    for number, name in enumerate(packs):
        if "/" in name or not (here / name / TABLE).is_file():
            others = tuple(file.parent.name for file in here.glob(f"*/{TABLE}"))
            yield source.problem(("packs", number), f"there is no pack {name!r} here", did_you_mean(name, others))


def _layer_problems(source: Source, path: Where, row: Any, folder: str, roots: tuple[Path, ...]) -> Iterator[Problem]:
    row = {"from": row} if isinstance(row, str) else row
    if not isinstance(row, dict):
        yield source.problem(path, f"a layer must be a folder or a mapping with keys of: {', '.join(LAYER_KEYS)}")
        return
    yield from _row_problems(source, path, row, LAYER_KEYS)
    inside = row.get("from")
    if inside is None and not row.get("provides"):
        yield source.problem(path, "a layer needs `from`, `provides` or both")
    if isinstance(inside, str):
        outside = inside.startswith("/") or ".." in inside.split("/")
        if outside or not any((root / folder / inside).is_dir() for root in roots):
            yield source.problem((*path, "from"), f"there is no folder {inside!r} in this pack")
    provides = row.get("provides", {})
    if not isinstance(provides, dict) or not all(_is_texts(texts) for texts in provides.values()):
        yield source.problem((*path, "provides"), "provides must be a mapping of lists of strings")


def _row_problems(source: Source, path: Where, row: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    yield from _unknown(source, path, row, known)
    for key in ("from", *DEFAULT_KEYS):
        if key in row and not isinstance(row[key], str):
            yield source.problem((*path, key), f"{key} must be a string", "put it in quotes")
    each = row.get("each", "system")
    if isinstance(each, str) and each not in SCOPES:
        yield source.problem((*path, "each"), f"each must be one of: {', '.join(SCOPES)}", did_you_mean(each, SCOPES))


def _unknown(source: Source, path: Where, row: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    for key in row:
        if key not in known:
            hint = did_you_mean(key, known) or f"choose one of: {', '.join(known)}"
            yield source.problem((*path, key), f"unknown key {key!r}", hint, key=True)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
