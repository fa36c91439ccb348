"""Templates of the repository that override built-in ones, and upgrades of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from msgen.core.errors import user_error
from msgen.core.paths import BASELINES
from msgen.core.tree import File
from msgen.merging import baseline
from msgen.merging.change import Change, OnConflict, merge
from msgen.merging.text import has_markers
from msgen.packs.pack import SUFFIX, Pack, own_files
from msgen.packs.table_checks import TABLE
from msgen.repository import transaction, worktree

FOLDER = "templates"
BASES = f"{BASELINES}/{baseline.TEMPLATES}.txt"
"""Built-in templates at the time they were overridden: the bases of three-way merges."""


@dataclass(frozen=True)
class Overridden:
    """A pack with the merged templates of the repository."""

    pack: Pack
    changes: tuple[Change, ...]
    """Changes of files in the repository's `templates`; written only by an upgrade."""
    records: tuple[transaction.Write, ...]


def overriding(pack: Pack) -> list[str]:
    """Return the repository's templates that override built-in ones."""
    own = own_files(pack.own) if pack.own else ()
    return [path for path, plain in own if plain and Path(path).name != TABLE and (pack.root / path).is_file()]


def unused(pack: Pack) -> list[str]:
    """Return entries of the repository's `templates` outside all layers: misspelled paths, links, a Helm chart."""
    folders = tuple(f"{layer.source}/" for layer in pack.layers if layer.source)
    # Files next to the folders of layers are imported by templates.
    beside = {str(Path(folder).parent) for folder in folders} - {"."}
    tables = [Path(table.ports.table) for table in pack.tables]
    known = {t.relative_to(pack.own).as_posix() for t in tables if pack.own and t.is_relative_to(pack.own)}
    known |= set(overriding(pack))
    own = own_files(pack.own) if pack.own else ()
    return [
        path
        for path, plain in own
        if path not in known
        and not path.startswith(folders)
        and not (plain and Path(path).name != TABLE and str(Path(path).parent) in beside)
    ]


def follow(root: Path, pack: Pack, on_conflict: OnConflict, *, upgrade: bool) -> Overridden:
    """Record the built-in template that each override replaces; for an upgrade, also merge its changes."""
    known = baseline.read_snapshot(root, BASES)
    paths = overriding(pack)
    found = worktree.look(root, [f"{FOLDER}/{path}" for path in paths])
    changes = []
    for path in paths:
        place = f"{FOLDER}/{path}"
        there = found[place]
        if there and has_markers(there.content) and on_conflict == "markers":
            raise user_error("this template contains conflict markers", "resolve them first", root / place)
        now = File((pack.root / path).read_bytes(), there.mode if there else 0o644)
        bases = known.get(path) or (baseline.Base(content=now.content),)
        kept = Change(place, "unchanged", "", there, there, bases)
        changes.append(merge(place, there, bases, now, on_conflict) if upgrade else kept)
    written = {c.path.removeprefix(f"{FOLDER}/"): c.after.content for c in changes if c.writes and c.after}
    settled = {path: content for path, content in written.items() if not has_markers(content)}
    entries = [(c.path.removeprefix(f"{FOLDER}/"), base) for c in changes for base in c.bases]
    return Overridden(replace(pack, overlay=settled), tuple(changes), tuple(_record(root, entries)))


def remember(root: Path, pack: Pack, paths: Iterable[str]) -> tuple[transaction.Write, ...]:
    """Record the built-in templates that new overrides replace."""
    new = {path: (baseline.Base(content=(pack.root / path).read_bytes()),) for path in paths}
    known = {**baseline.read_snapshot(root, BASES), **new}
    return tuple(_record(root, [(path, base) for path, bases in known.items() for base in bases]))


def _record(root: Path, entries: list[tuple[str, baseline.Base]]) -> Iterator[transaction.Write]:
    before = worktree.look(root, [BASES])[BASES]
    after = baseline.snapshot(entries, before.content if before else b"") if entries else None
    if (before.content if before else None) != after:
        yield transaction.Write(BASES, before, None if after is None else worktree.Disk(after))


def sources(pack: Pack) -> Iterator[tuple[str, str]]:
    """Yield every template that generates a file, and the path of that file; both may contain `{{ }}`."""
    for layer in pack.layers:
        for file in pack.files(layer.source) if layer.source else ():
            into = f"{layer.into}/{file}".removeprefix("./").removesuffix(SUFFIX)
            yield f"{layer.source}/{file}", into
