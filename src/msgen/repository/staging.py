"""A folder that appears complete or not at all, whenever the process that makes it is killed."""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgen.core.errors import UserError, user_error


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Yields an empty folder beside `target`, which takes its place when the block ends well.

    Otherwise it is removed; where the process was killed before it could do so, the next run for the same target does.
    `target` may exist as an empty folder. Raises `UserError` where the disk does not let it.
    """
    _sweep(target)
    folder = target.with_name(_prefix(target) + secrets.token_hex(4))
    lock = None
    try:
        with _disk_errors(target):
            lock = _make(folder)
            yield folder
            folder.rename(target)
    except BaseException:
        _discard(folder)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _discard(folder: Path) -> None:
    """Removes the folder, although a git whose start was interrupted may still be writing into it for a moment."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def _prefix(target: Path) -> str:
    return f".{target.name}.msgen-"


def _make(folder: Path) -> int:
    """Makes the folder and returns the descriptor whose lock shows that its maker lives."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # before there was a lock, another run has taken it for a dead one's
        try:
            if _lock(lock) and folder.exists():
                return lock
        except OSError:
            return lock  # a file system without locks: nobody will dare to remove it either
        os.close(lock)


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds the lock; the system gives it back when its holder ends, however it ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(target: Path) -> None:
    """Removes what dead runs for the same target have left, as far as it may."""
    with suppress(OSError):
        for folder in target.parent.iterdir():
            if folder.name.startswith(_prefix(target)):
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if _lock(lock):
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise user_error(f"cannot write {target}: {error.strerror or error}") from error
