"""Writes -> disk, all or nothing, in a repository that is there: staged, journaled, undone where they fail.

Everything new is first written to `.msgen/staged`, where what it replaces is kept as well (as hard links). From the
moment that the journal is there, the writes are made by renaming; killed in between, the next command finishes them,
or undoes them where the user has edited one of the files since.
"""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from msgen.core.errors import user_error
from msgen.core.output_paths import is_safe
from msgen.core.paths import FOLDER as MSGEN
from msgen.core.paths import STAGED
from msgen.repository.worktree import FOLDER, LINK, Disk, look, parents

JOURNAL, UNDOING, FINISHED = "journal.json", "undoing.json", "finished.json"
PATIENCE = 10.0
"""Seconds that one command waits for another in the same repository."""


@dataclass(frozen=True)
class Write:
    path: str
    before: Disk | None
    """What stands there, as far as the caller knows."""
    after: Disk | None
    """What is to stand there; None removes it, a whole folder as well."""


@dataclass(frozen=True)
class Step:
    """A write as the journal holds it: fingerprints instead of contents."""

    path: str
    before: str
    after: str


@contextmanager
def locked(root: Path, *, shared: bool = False) -> Iterator[str]:
    """Keeps other commands out of the repository; yields what was done about an interrupted one, or an empty text.

    Any number may share it to read. Raises `UserError` where another one does not end in time.
    """
    folder = root / MSGEN
    if shared and not folder.is_dir():
        yield ""
        return
    try:
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise user_error(f"cannot use {folder}: {error.strerror}") from error
    try:
        # An interrupted run has to be dealt with alone.
        alone = not shared or (root / STAGED).exists()
        _wait_for(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield recover(root) if alone else ""
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, kind: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise user_error("another msgen is at work in this repository", "try again when it is done") from None
            time.sleep(0.05)
        else:
            return


def perform(root: Path, writes: Sequence[Write]) -> None:
    """Makes all writes or none; the repository must be locked. Raises `UserError` where the disk does not let it."""
    stage = root / STAGED
    steps = [Step(w.path, fingerprint(w.before), fingerprint(w.after)) for w in writes]
    try:
        _stage(root, writes)
        _store(stage / JOURNAL, steps)
    except BaseException as error:
        shutil.rmtree(stage, ignore_errors=True)
        raise _in_words(error) from error
    try:
        _forward(root, steps)
    except BaseException as error:
        try:
            _undo(root, steps)
        except OSError as failure:
            message = f"cannot write, nor undo what was written: {failure}"
            raise user_error(message, "the next command tries again", stage) from error
        raise _in_words(error) from error
    _end(stage, JOURNAL)


def recover(root: Path) -> str:
    """Finishes or undoes what a killed run has begun; the repository must be locked. Returns what it did."""
    stage = root / STAGED
    if not stage.exists():
        return ""
    try:
        if (stage / UNDOING).exists():
            _undo(root, _load(stage / UNDOING))
            return "An earlier msgen was interrupted; its changes are undone."
        if (stage / JOURNAL).exists():
            steps = _load(stage / JOURNAL)
            now = look(root, [step.path for step in steps])
            if all(fingerprint(now[step.path]) in (step.before, step.after) for step in steps):
                _forward(root, steps)
                _end(stage, JOURNAL)
                return "An earlier msgen was interrupted; its changes are finished."
            _undo(root, steps)
            return "An earlier msgen was interrupted, and you have edited since; its changes are undone."
        told = any(stage.iterdir()) and not (stage / FINISHED).exists()
        shutil.rmtree(stage)
    except (OSError, ValueError, TypeError) as error:
        message = f"cannot finish or undo what an interrupted msgen has begun: {error}"
        raise user_error(message, "mend that and run the command again", stage) from error
    return "An earlier msgen was interrupted before it had changed anything." if told else ""


def fingerprint(disk: Disk | None) -> str:
    """Tells contents apart; permissions do not count."""
    if disk is None:
        return ""
    return disk.odd if disk.odd not in ("", LINK) else f"{disk.odd}{hashlib.sha256(disk.content).hexdigest()}"


def _stage(root: Path, writes: Sequence[Write]) -> None:
    stage = root / STAGED
    for name in ("new", "old"):
        (stage / name).mkdir(parents=True)
    now = look(root, [write.path for write in writes])
    for number, write in enumerate(writes):
        path = root / write.path
        if not is_safe(write.path):
            raise user_error(f"refusing to write {write.path!r}: it is not a plain path inside the repository")
        if fingerprint(now[write.path]) != fingerprint(write.before):
            raise user_error("this file has changed in the meantime", "run the command again", path)
        replaced = write.before is not None and not write.before.odd
        if replaced:
            _check_writable(path)
        if replaced or (write.before and write.before.odd == LINK):
            _keep(path, stage / "old" / str(number))
        if write.after:
            _write(stage / "new" / str(number), write.after, path if replaced else None)


def _check_writable(path: Path) -> None:
    """A rename would replace it all the same; who made it read-only does not want that."""
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        raise user_error("this file is read-only", f"chmod u+w {path}, or leave it as it is in msgen.yaml", path)


def _keep(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, copy, follow_symlinks=False)


def _write(path: Path, disk: Disk, like: Path | None) -> None:
    """A new file; with the permissions and the owner of the one that it replaces, where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, disk.mode & 0o777)
    with os.fdopen(descriptor, "wb") as file:
        if like:
            old = like.stat()
            if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(OSError):
                    os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, disk.mode)
        file.write(disk.content)
        file.flush()
        os.fsync(descriptor)


def _store(path: Path, steps: Sequence[Step]) -> None:
    """The journal appears complete, after everything that it speaks of."""
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        json.dump([vars(step) for step in steps], file)
        file.flush()
        os.fsync(file.fileno())
    for folder in (path.parent / "new", path.parent / "old"):
        _sync(folder)
    draft.rename(path)
    _sync(path.parent)


def _load(path: Path) -> list[Step]:
    return [Step(**row) for row in json.loads(path.read_bytes())]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forward(root: Path, steps: Sequence[Step]) -> None:
    """Makes the writes; what is made already is passed over."""
    stage = root / STAGED
    for number, step in enumerate(steps):
        path, new, old = root / step.path, stage / "new" / str(number), stage / "old" / str(number)
        if fingerprint(look(root, [step.path])[step.path]) not in (step.before, step.after):
            raise user_error("this file has changed in the meantime", "run the command again", path)
        if step.after:
            if new.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                new.replace(path)
        elif step.before != FOLDER:
            path.unlink(missing_ok=True)
        elif path.is_dir():
            path.rename(old)
    emptied = {folder for step in steps if not step.after for folder in parents(step.path)}
    for folder in sorted({folder for step in steps for folder in parents(step.path)}, reverse=True):
        _sync_or_prune(root / folder, folder in emptied)


def _sync_or_prune(folder: Path, emptied: bool) -> None:
    with suppress(OSError):
        if emptied:
            folder.rmdir()
            return
    with suppress(OSError):
        _sync(folder)


def _undo(root: Path, steps: Sequence[Step]) -> None:
    """Puts everything back, but for what the user has edited since. Killed, it is taken up again."""
    stage = root / STAGED
    if (stage / JOURNAL).exists():
        (stage / JOURNAL).rename(stage / UNDOING)
    now = look(root, [step.path for step in steps])
    for number, step in reversed(list(enumerate(steps))):
        path, old = root / step.path, stage / "old" / str(number)
        if fingerprint(now[step.path]) != step.after:
            continue
        if step.before and os.path.lexists(old):
            path.parent.mkdir(parents=True, exist_ok=True)
            old.rename(path)
        elif not step.before:
            path.unlink(missing_ok=True)
    for folder in sorted({f for step in steps if not step.before for f in parents(step.path)}, reverse=True):
        with suppress(OSError):
            (root / folder).rmdir()
    _end(stage, UNDOING)


def _end(stage: Path, name: str) -> None:
    (stage / name).rename(stage / FINISHED)
    shutil.rmtree(stage, ignore_errors=True)


def _in_words(error: BaseException) -> BaseException:
    if isinstance(error, OSError):
        place = f" {error.filename2 or error.filename}" if error.filename else ""
        return user_error(f"cannot write{place}: {error.strerror}; everything is as it was")
    return error
