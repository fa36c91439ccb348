"""Compare the contracts of a repository with those of a revision."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgen.contracts.changes import Breakage
from msgen.contracts.comparison import compare
from msgen.contracts.documents import FOLDER, PATHS, Contracts
from msgen.merging.change import Change
from msgen.repository import git


def breakages(root: Path, revision: str, changes: Iterable[Change]) -> tuple[Breakage, ...]:
    """Return what breaks users of the contracts at a revision once the changes are applied. Raises `UserError`."""
    before = Contracts.read(git.files_at(root, revision, PATHS), revision)
    return tuple(compare(before, Contracts.read(_planned(root, changes))))


def _planned(root: Path, changes: Iterable[Change]) -> Mapping[str, bytes]:
    """Return the contracts as `apply` would leave them."""
    there = {
        path.relative_to(root).as_posix(): path.read_bytes() for path in (root / FOLDER).rglob("*.*") if path.is_file()
    }
    for change in changes:
        if change.path.startswith(f"{FOLDER}/"):
            there.pop(change.path, None)
            if change.after:
                there[change.path] = change.after.content
    return there
