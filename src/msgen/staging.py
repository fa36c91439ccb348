"""A folder that appears complete or not at all, whenever the process that makes it is killed."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgen.errors import UserError, user_error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yields an empty folder beside `target`, which takes its place when the block ends well.

    Otherwise it is removed; where the process was killed before it could do so, the next run for the same target does.
    `target` may exist as an empty folder. Raises `UserError` where the disk does not let it.
    """
    _sweep(target)
    with _disk_errors(target):
        folder, lock = _make(target)
    try:
        with _disk_errors(target):
            yield folder
            folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def _prefix(target: Path) -> str:
    return f".{target.name}.msgen-"


def _make(target: Path) -> tuple[Path, int]:
    """A new folder and the descriptor whose lock shows that its maker lives."""
    while True:
        folder = target.with_name(_prefix(target) + secrets.token_hex(4))
        folder.mkdir()
        lock = os.open(folder, os.O_RDONLY)
        # Between these two calls another run may have taken it for a dead one's.
        if _lock(lock) and folder.exists():
            return folder, lock
        os.close(lock)


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds the lock; the system gives it back when its holder ends, however it ends."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _sweep(target: Path) -> None:
    """Removes what dead runs for the same target have left."""
    with suppress(OSError):
        for folder in target.parent.iterdir():
            if folder.name.startswith(_prefix(target)):
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                if _lock(descriptor):
                    shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise user_error(f"cannot write {target}: {error.strerror or error}") from error
