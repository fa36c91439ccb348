"""Create a directory atomically: complete or not at all, even if the process is killed."""

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
    """Yield an empty directory next to `target`, and rename it to `target` when the block succeeds.

    On failure it is removed; after a kill, the next run for the same target removes it. `target` may exist as an empty
    directory. Raises `UserError` on disk errors.
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
    """Remove the directory; retry, because an interrupted git may still write to it for a moment."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def _prefix(target: Path) -> str:
    return f".{target.name}.msgen-"


def _make(folder: Path) -> int:
    """Create the directory; return a descriptor whose lock marks the creating process as alive."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # another run removed it before it was locked
        try:
            if _lock(lock) and folder.exists():
                return lock
        except OSError:
            return lock  # file system without locks: no other run removes it either
        os.close(lock)


def _lock(descriptor: int) -> bool:
    """Try to lock; the kernel releases the lock when the process ends, however it ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(target: Path) -> None:
    """Remove leftovers of killed runs for the same target."""
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
