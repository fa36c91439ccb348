"""Template packs that a description names."""

from collections.abc import Iterable
from pathlib import Path

from msgen.core.errors import UserError, quoted, user_error
from msgen.description.source_map import Source
from msgen.packs.table_checks import TABLE


def named_packs(source: Source, folder: Path) -> tuple[Path, ...]:
    """The directories that a description in a folder names under `packs`.

    Raises `UserError` for those that are no packs. Entries of a wrong type are left to the checks of the description.
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
    """Directories that were given as packs. Raises `UserError` for those that are none."""
    found = tuple(folders)
    for folder in found:
        if not (folder / TABLE).is_file():
            raise user_error(f"there is no template pack {folder}", f"a pack is a directory with a {TABLE}")
    return found
