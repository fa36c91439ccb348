"""Read worktree entries without following symlinks or opening special files."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgen.core.errors import user_error

LINK, FOLDER = "a symbolic link", "a folder"


@dataclass(frozen=True)
class Disk:
    """An entry of the worktree."""

    content: bytes = b""
    """Content of a regular file; target of a symlink."""
    mode: int = 0o644
    odd: str = ""
    """Kind of an entry that is not a regular file: `a symbolic link`, `a folder`…"""


def look(root: Path, paths: Iterable[str]) -> dict[str, Disk | None]:
    """Read the entry at each relative path; None if it does not exist. Raises `UserError` for unreadable files."""
    hindrances: dict[str, str] = {"": ""}
    return {path: _look(root, path, hindrances) for path in paths}


def _look(root: Path, path: str, hindrances: dict[str, str]) -> Disk | None:
    folder = path.rpartition("/")[0]
    if hindrance := _hindrance(root, folder, hindrances):
        return Disk(odd=hindrance)
    full = os.path.join(root, path)  # noqa: PTH118 - hundreds of files: four times as fast as pathlib
    try:
        found = os.lstat(full)
        if stat.S_ISREG(found.st_mode):
            with open(full, "rb") as file:  # noqa: PTH123
                return Disk(file.read(), stat.S_IMODE(found.st_mode))
        if stat.S_ISLNK(found.st_mode):
            return Disk(os.fsencode(os.readlink(full)), odd=LINK)  # noqa: PTH115
        return Disk(odd=FOLDER if stat.S_ISDIR(found.st_mode) else "a special file")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise user_error(f"cannot read this file: {error.strerror}", "check its permissions", full) from error


def _hindrance(root: Path, folder: str, known: dict[str, str]) -> str:
    """Return why a directory cannot be written to; empty if it can, or does not exist yet."""
    if folder not in known:
        known[folder] = _hindrance(root, folder.rpartition("/")[0], known) or _own_hindrance(root, folder)
    return known[folder]


def _own_hindrance(root: Path, folder: str) -> str:
    full = root / folder
    if full.is_symlink() and not full.resolve().is_relative_to(root.resolve()):
        return "behind a symbolic link that leaves the repository"
    return "below a file" if os.path.lexists(full) and not full.is_dir() else ""


def parents(path: str) -> list[str]:
    """Return the directories that contain a path, innermost first, without the root."""
    return [str(parent) for parent in PurePosixPath(path).parents if str(parent) != "."]
