"""Lock that keeps commands in one repository apart."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgen.core.errors import user_error
from msgen.core.paths import FOLDER, STAGED
from msgen.repository.transaction import recover

TIMEOUT = 10.0
"""Seconds to wait for another command in the same repository."""


@contextmanager
def locked(root: Path, *, shared: bool = False) -> Iterator[str]:
    """Lock a repository; yield a note about an interrupted command that was recovered, or an empty string.

    A shared lock is for reading. Raises `UserError` if the lock is not available in time.
    """
    folder = root / FOLDER
    if shared and not folder.is_dir():
        yield ""
        return
    try:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise user_error(f"cannot use {folder}: {error.strerror}") from error
    try:
        # Recovery writes, so it needs the exclusive lock.
        exclusive = not shared or (root / STAGED).exists()
        _acquire(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield recover(root) if exclusive else ""
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, kind: int) -> None:
    end = time.monotonic() + TIMEOUT
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise user_error(
                    "another msgen command is running in this repository", "retry when it ends", code="locked"
                ) from None
            time.sleep(0.05)
        else:
            return
