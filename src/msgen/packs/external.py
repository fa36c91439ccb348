"""External template packs."""

from collections.abc import Iterable
from pathlib import Path

from msgen.core.errors import UserError, quoted, user_error
from msgen.description.source_map import Source
from msgen.packs.table_checks import TABLE


def named_packs(source: Source, folder: Path) -> tuple[Path, ...]:
    """Return the directories that a description lists under `packs`, relative to its folder.

    Raises `UserError` for directories without a table. Entries of a wrong type are reported by validation.
    """
    data = source.data.get("packs") if isinstance(source.data, dict) else None
    entries = [(n, text) for n, text in enumerate(data if isinstance(data, list) else ()) if isinstance(text, str)]
    hint = f"a pack is a directory with a {TABLE}; the path is relative to the description"
    missing = [
        source.problem(("packs", number), f"there is no template pack {quoted(text)}", hint)
        for number, text in entries
        if not (folder / text / TABLE).is_file()
    ]
    if missing:
        raise UserError(*missing)
    return tuple(folder / text for _, text in entries)


def checked_packs(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return directories after checking that each is a pack. Raises `UserError` otherwise."""
    found = tuple(folders)
    for folder in found:
        if not (folder / TABLE).is_file():
            raise user_error(f"there is no template pack {folder}", f"a pack is a directory with a {TABLE}")
    return found
