"""Template packs: a folder of templates and a table, `pack.yaml`, that says which folder goes where."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from msgen.errors import user_error

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Layer:
    """A folder of templates that is laid over the output, once for each object of a scope."""

    source: str
    """The folder, inside the pack."""
    into: str
    """The folder that it is laid over; may hold `{{ }}`."""
    each: str
    """`system`, or a name of `render.SCOPES`."""
    when: str
    """An expression; the layer is left out where it is false."""
    provides: MappingProxyType[str, tuple[str, ...]]
    """What it adds to lists that other templates print, by list; texts may hold `{{ }}`."""


@dataclass(frozen=True)
class Pack:
    root: Path
    layers: tuple[Layer, ...]
    languages: dict[str, dict[str, Any]]
    """Languages that services can be written in, each with its reserved names: {resource: [...], field: [...]}."""
    once: tuple[str, ...]
    """Patterns of output paths that belong to the user from the first day."""
    executable: tuple[str, ...]
    lists: frozenset[str] = field(default_factory=frozenset)
    """Every list that some layer adds to."""

    def is_once(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.once)

    def mode(self, path: str) -> int:
        return 0o755 if any(fnmatchcase(path, pattern) for pattern in self.executable) else 0o644


def builtin_root() -> Path:
    """The folder of the built-in pack: inside the installed package, or beside `src` in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def load_pack(root: Path) -> Pack:
    file = root / "pack.yaml"
    try:
        table = yaml.load(file.read_text("utf-8"), Loader)
        layers = tuple(_layer(row) for row in table["layers"])
        return Pack(
            root=root,
            layers=layers,
            languages=table.get("languages") or {},
            once=tuple(table.get("once") or ()),
            executable=tuple(table.get("executable") or ()),
            lists=frozenset(name for layer in layers for name in layer.provides),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise user_error(f"this template pack has no usable pack.yaml: {error}", file=file) from error


def _layer(row: dict[str, Any]) -> Layer:
    unknown = row.keys() - {"from", "into", "each", "when", "provides"}
    if unknown:
        raise KeyError(f"unknown key {min(unknown)!r} in a layer")
    provides = {name: tuple(texts) for name, texts in (row.get("provides") or {}).items()}
    return Layer(
        source=row.get("from") or "",
        into=str(row.get("into", ".")),
        each=row.get("each", "system"),
        when=row.get("when", "true"),
        provides=MappingProxyType(provides),
    )
