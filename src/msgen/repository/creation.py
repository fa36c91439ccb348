"""Write a whole repository at a path that does not exist yet."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgen.core import output_paths
from msgen.core.errors import user_error
from msgen.core.tree import File, Tree
from msgen.repository.staging import staged


@contextmanager
def new_repository(tree: Tree, target: Path) -> Iterator[Path]:
    """Write a tree that appears at `target` when the block succeeds, and leave nothing behind if it fails.

    Yields the staging directory, for further steps such as `git init`. Raises `UserError` on disk errors.
    """
    with staged(target) as folder:
        write_tree(tree, folder)
        yield folder


def write_tree(tree: Tree, root: Path) -> None:
    """Write files below a directory that contains no symbolic links."""
    made = set()
    for name, file in tree.items():
        if not output_paths.is_safe(name):
            raise user_error(f"refusing to write {name!r}: not a plain path inside the repository")
        folder = name.rpartition("/")[0]
        if folder not in made:
            (root / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        _write(root / name, file)


def _write(path: Path, file: File) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, file.mode)) as stream:
        stream.write(file.content)
