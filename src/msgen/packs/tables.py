"""Read `pack.yaml`: layers and their defaults, variables, ports, and nested packs."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from msgen.core.errors import Problem, UserError
from msgen.description.source_map import Source, Where, read_bytes
from msgen.description.yaml_reader import parse
from msgen.packs.table_checks import PATTERN_KEYS, TABLE, moved_problems, reserved_problems, table_problems


@dataclass(frozen=True)
class Layer:
    """A folder of templates that is rendered into the output once for each object of a scope."""

    source: str
    """Folder relative to the root pack; empty if the layer only provides lists."""
    into: str
    """Output folder; may contain `{{ }}`."""
    each: str
    """One of `SCOPES`."""
    language: str
    """Only for services in this language; empty for all."""
    when: str
    """Condition; the layer is skipped if it is false."""
    provides: Mapping[str, tuple[str, ...]]
    """List -> entries added to it, for other templates to read; entries may contain `{{ }}`."""
    table: str
    """Path of the `pack.yaml` that lists it."""
    line: int
    """Its first line in that file."""

    def problem(self, message: str) -> Problem:
        return Problem(self.line, 1, f"layer {self.source or '(without a folder)'}: {message}", file=self.table)


@dataclass(frozen=True)
class Row:
    """An entry of `environment` or `secrets`, or all `ports` of a table."""

    values: Mapping[str, Any]
    each: str
    language: str
    when: str
    """Condition; the entry is skipped if it is false."""
    table: str
    line: int

    def problem(self, message: str) -> Problem:
        return Problem(self.line, 1, message, file=self.table)


@dataclass(frozen=True)
class Table:
    """One `pack.yaml`; patterns match output paths relative to the root of the repository."""

    language: str
    """Language of its layers; empty if they do not depend on one."""
    reserved: Mapping[str, Any]
    """Kind -> reserved names for a language, or name -> reason otherwise; `*` matches any characters."""
    environment: tuple[Row, ...]
    """Environment variables of services."""
    secrets: tuple[Row, ...]
    """Values of `.env`."""
    ports: Row
    """Owner -> host port."""
    layers: tuple[Layer, ...]
    once: tuple[str, ...]
    lasting: tuple[str, ...]
    executable: tuple[str, ...]
    layout: Mapping[str, str]
    """Patterns of rendered files whose long lines are split, with the style: a key of `code_layout.STYLES`."""
    moved: Callable[[], Mapping[str, str]]
    """Old paths of generated files -> new paths; `*` matches one path segment, the same in both."""
    variables: Mapping[str, Any]


def read_tables(root: Path, roots: tuple[Path, ...]) -> list[Table]:
    """Read the table of a folder and of the packs that it lists; layers are looked up in `roots`.

    Raises `UserError` with every problem and its line.
    """
    problems: list[Problem] = []
    tables = list(_read(root, "", roots, problems))
    if problems:
        raise UserError(*problems)
    return tables


def _read(root: Path, folder: str, roots: tuple[Path, ...], problems: list[Problem]) -> Iterator[Table]:
    file = root / folder / TABLE
    source = parse(read_bytes(file), str(file))
    found = [*source.problems, *table_problems(source, folder, roots)]
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
        reserved=(_names if language else _reasons)(_separate(source, "reserved", reserved_problems, language)),
        environment=_rows(source, "environment", "service"),
        secrets=_rows(source, "secrets", "system"),
        ports=Row(data.get("ports", {}), "system", "", _condition(defaults), source.file, 1),
        layers=tuple(
            _layer(row, defaults, language, folder, source.file, _line(source, number))
            for number, row in enumerate(rows)
        ),
        moved=partial(_moved, source, prefix),
        layout={prefix + pattern: style for pattern, style in data.get("layout", {}).items()},
        variables=data.get("variables", {}),
        **patterns,
    )


def _moved(source: Source, prefix: str) -> dict[str, str]:
    """Return the paths of `moved`, which only upgrades read."""
    moved = _separate(source, "moved", moved_problems)
    return {prefix + old: prefix + new for old, new in moved.items()}


def _separate(source: Source, key: str, check: Callable[..., Iterator[Problem]], *details: str) -> Mapping[str, Any]:
    """Return a value of the table that may be in a file of its own. Raises `UserError` for that file."""
    value: Mapping[str, Any] | str = source.data.get(key, {})
    if not isinstance(value, str):
        return value
    file = Path(source.file).parent / value
    found = parse(read_bytes(file), str(file))
    if problems := [*found.problems, *check(found, (), found.data, *details)]:
        raise UserError(*problems)
    separate: Mapping[str, Any] = found.data
    return separate


def _rows(source: Source, key: str, each: str) -> tuple[Row, ...]:
    language = source.data.get("language", "")
    defaults = {"when": source.data["layers_for"]["when"]} if "when" in source.data.get("layers_for", {}) else {}
    return tuple(
        Row(
            {name: value for name, value in row.items() if name not in ("each", "when")},
            row.get("each", each),
            language,
            _condition(defaults, row),
            source.file,
            source.keys[(key, number, next(iter(row)))].line,
        )
        for number, row in enumerate(source.data.get(key, ()))
    )


def _condition(*tables: Mapping[str, Any]) -> str:
    """Combine the conditions of all tables with `and`."""
    found = [table["when"] for table in tables if "when" in table]
    return " and ".join(f"({part})" if len(found) > 1 else part for part in found) or "true"


def _line(source: Source, number: int) -> int:
    row = source.data["layers"][number]
    places = source.values if isinstance(row, str) else source.keys
    where: Where = ("layers", number) if isinstance(row, str) else ("layers", number, next(iter(row)))
    return places[where].line


def _names(table: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return names by kind; a key of the table can list several kinds, separated by commas."""
    found: dict[str, list[str]] = {}
    for kinds, names in table.items():
        for kind in kinds.split(","):
            found.setdefault(kind.strip(), []).extend(names)
    return found


def _reasons(table: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, str]]:
    """Kind of name -> name -> reason."""
    return {
        kind: {name: reason for reason, names in reasons.items() for name in names} for kind, reasons in table.items()
    }


def declared_names(table: Table) -> Iterator[tuple[str, str]]:
    """Yield the names that settings cannot have (`setting`), and variables of `.env` (`variable`), in snake case."""
    for row in table.environment:
        if "{{" not in row.values["name"]:
            yield "setting", row.values["name"].lower()
    for row in table.secrets:
        prefix, _, rest = row.values["name"].rpartition("}}_")
        yield ("setting" if prefix else "variable"), rest.lower()


def _layer(
    row: Mapping[str, Any], defaults: Mapping[str, str], language: str, folder: str, table: str, line: int
) -> Layer:
    return Layer(
        source=f"{folder}{row['from']}" if "from" in row else "",
        into=row.get("into", defaults.get("into", ".")),
        each=row.get("each", defaults.get("each", "system")),
        language=language,
        when=_condition(defaults, row),
        provides={name: tuple(texts) for name, texts in row.get("provides", {}).items()},
        table=table,
        line=line,
    )
