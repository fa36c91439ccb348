"""Changes -> disk: all or nothing."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from msgen.core import output_paths
from msgen.core.errors import user_error
from msgen.core.tree import File, Tree
from msgen.repository.staging import staged


@dataclass(frozen=True)
class Change:
    """One thing to do to one file of the repository."""

    action: Literal["create", "update", "remove"]
    path: str
    """Relative to the repository, with slashes."""
    file: File | None = None
    """What to write."""


def changes_for_new(tree: Tree) -> tuple[Change, ...]:
    """Everything that a repository that is not there yet needs."""
    return tuple(Change("create", path, file) for path, file in tree.items())


@contextmanager
def new_repository(changes: Iterable[Change], target: Path) -> Iterator[Path]:
    """Writes a repository that appears at `target` when the block ends well, and leaves nothing where it does not.

    Yields the folder in which it is made meanwhile, for what else has to be done to it. Raises `UserError` where the
    disk does not let it.
    """
    with staged(target) as folder:
        apply(changes, folder)
        yield folder


def apply(changes: Iterable[Change], root: Path) -> None:
    """Carries changes out, one by one, in a folder that holds no symbolic links."""
    made = {root}
    for change in changes:
        if not output_paths.is_safe(change.path):
            raise user_error(f"refusing to write {change.path!r}: it is not a plain path inside the repository")
        path = root / change.path
        if change.file is None:
            path.unlink()
            continue
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        _write(path, change.file)


def _write(path: Path, file: File) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, file.mode)) as stream:
        stream.write(file.content)
