"""Write to an existing repository, all or nothing: staged, journaled, rolled back on failure.

New contents are written to `.msgen/staged` first, next to hard links to the files they replace. Once the journal is
complete, files are renamed into place. If the process is killed meanwhile, the next command completes the transaction,
or rolls it back if the user has edited one of the files since.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from msgen.core.errors import user_error
from msgen.core.output_paths import is_safe
from msgen.core.paths import STAGED
from msgen.repository.worktree import FOLDER, LINK, Disk, look, parents

JOURNAL, UNDOING, FINISHED = "journal.json", "undoing.json", "finished.json"


@dataclass(frozen=True)
class Write:
    path: str
    before: Disk | None
    """Current state, as the caller read it."""
    after: Disk | None
    """Desired state; None removes the file or directory."""


@dataclass(frozen=True)
class JournalEntry:
    """A write as the journal records it: fingerprints instead of contents."""

    path: str
    before: str
    after: str


def perform(root: Path, writes: Sequence[Write]) -> None:
    """Perform all writes or none. The repository must be locked. Raises `UserError` on disk errors."""
    stage = root / STAGED
    entries = [JournalEntry(w.path, fingerprint(w.before), fingerprint(w.after)) for w in writes]
    try:
        _stage(root, writes)
        _store(stage / JOURNAL, entries)
    except BaseException as error:
        shutil.rmtree(stage, ignore_errors=True)
        raise _readable(error) from error
    try:
        _complete(root, entries)
    except BaseException as error:
        try:
            _roll_back(root, entries)
        except OSError as failure:
            message = f"cannot write, and cannot roll back: {failure}"
            raise user_error(message, "fix the cause; the next command retries", stage) from error
        raise _readable(error) from error
    _end(stage, JOURNAL)


def recover(root: Path) -> str:
    """Complete or roll back an interrupted transaction. The repository must be locked. Returns a note for the user."""
    stage = root / STAGED
    if not stage.exists():
        return ""
    try:
        if (stage / UNDOING).exists():
            _roll_back(root, _load(stage / UNDOING))
            return "An interrupted command was rolled back."
        if (stage / JOURNAL).exists():
            entries = _load(stage / JOURNAL)
            now = look(root, [entry.path for entry in entries])
            if all(fingerprint(now[entry.path]) in (entry.before, entry.after) for entry in entries):
                _complete(root, entries)
                _end(stage, JOURNAL)
                return "An interrupted command was completed."
            _roll_back(root, entries)
            return "An interrupted command was rolled back, because files were edited since."
        told = any(stage.iterdir()) and not (stage / FINISHED).exists()
        shutil.rmtree(stage)
    except (OSError, ValueError, TypeError) as error:
        message = f"cannot recover from an interrupted command: {error}"
        raise user_error(message, "fix the cause and retry", stage) from error
    return "An interrupted command had not changed anything." if told else ""


def fingerprint(disk: Disk | None) -> str:
    """Identify a kind and content; permissions are not part of it."""
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
            raise user_error(f"refusing to write {write.path!r}: not a plain path inside the repository")
        if fingerprint(now[write.path]) != fingerprint(write.before):
            raise user_error("this file changed while the command was running", "retry", path)
        replaced = write.before is not None and not write.before.odd
        if replaced:
            _check_writable(path)
        if replaced or (write.before and write.before.odd == LINK):
            _keep(path, stage / "old" / str(number))
        if write.after:
            _write(stage / "new" / str(number), write.after, path if replaced else None)


def _check_writable(path: Path) -> None:
    """Respect read-only files, which a rename would replace."""
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        raise user_error("this file is read-only", f"make it writable: chmod u+w {path}", path)


def _keep(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, copy, follow_symlinks=False)


def _write(path: Path, disk: Disk, like: Path | None) -> None:
    """Create a file with the permissions and owner of the file `like`, if there is one."""
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


def _store(path: Path, entries: Sequence[JournalEntry]) -> None:
    """Write the journal atomically, after everything that it refers to is on disk."""
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        json.dump([vars(entry) for entry in entries], file)
        file.flush()
        os.fsync(file.fileno())
    for folder in (path.parent / "new", path.parent / "old"):
        _sync(folder)
    draft.rename(path)
    _sync(path.parent)


def _load(path: Path) -> list[JournalEntry]:
    return [JournalEntry(**row) for row in json.loads(path.read_bytes())]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _complete(root: Path, entries: Sequence[JournalEntry]) -> None:
    """Rename files into place; repeatable."""
    stage = root / STAGED
    for number, entry in enumerate(entries):
        path, new, old = root / entry.path, stage / "new" / str(number), stage / "old" / str(number)
        if fingerprint(look(root, [entry.path])[entry.path]) not in (entry.before, entry.after):
            raise user_error("this file changed while the command was running", "retry", path)
        if entry.after:
            if new.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                new.replace(path)
        elif entry.before != FOLDER:
            path.unlink(missing_ok=True)
        elif path.is_dir():
            path.rename(old)
    emptied = {folder for entry in entries if not entry.after for folder in parents(entry.path)}
    for folder in sorted({folder for entry in entries for folder in parents(entry.path)}, reverse=True):
        _sync_or_prune(root / folder, folder in emptied)


def _sync_or_prune(folder: Path, emptied: bool) -> None:
    with suppress(OSError):
        if emptied:
            folder.rmdir()
            return
    with suppress(OSError):
        _sync(folder)


def _roll_back(root: Path, entries: Sequence[JournalEntry]) -> None:
    """Restore replaced files, except those edited since; repeatable."""
    stage = root / STAGED
    if (stage / JOURNAL).exists():
        (stage / JOURNAL).rename(stage / UNDOING)
    now = look(root, [entry.path for entry in entries])
    for number, entry in reversed(list(enumerate(entries))):
        path, old = root / entry.path, stage / "old" / str(number)
        if fingerprint(now[entry.path]) != entry.after:
            continue
        if entry.before and os.path.lexists(old):
            path.parent.mkdir(parents=True, exist_ok=True)
            old.rename(path)
        elif not entry.before:
            path.unlink(missing_ok=True)
    for folder in sorted({f for entry in entries if not entry.before for f in parents(entry.path)}, reverse=True):
        with suppress(OSError):
            (root / folder).rmdir()
    _end(stage, UNDOING)


def _end(stage: Path, name: str) -> None:
    (stage / name).rename(stage / FINISHED)
    shutil.rmtree(stage, ignore_errors=True)


def _readable(error: BaseException) -> BaseException:
    if isinstance(error, OSError):
        place = f" {error.filename2 or error.filename}" if error.filename else ""
        return user_error(f"cannot write{place}: {error.strerror}; nothing was changed")
    return error
