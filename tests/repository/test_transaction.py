"""Writes are made all or not at all: killed at every single step, refused by the disk, or met by an edit."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from msgen.core.errors import UserError
from msgen.core.paths import STAGED
from msgen.repository import lock
from msgen.repository.lock import locked
from msgen.repository.transaction import JOURNAL, Write, perform
from msgen.repository.worktree import FOLDER, LINK, Disk, look

Tree = dict[str, tuple[bytes, int]]

# What the writes of `PROGRAM` find, and what they leave.
OLD: Tree = {"a/b/gone.txt": (b"gone", 0o644), "edit.txt": (b"old", 0o600), "mode.sh": (b"run", 0o644)}
OLD |= {"kept.txt": (b"kept", 0o644), "svc/x.py": (b"x", 0o644), "svc/deep/own.txt": (b"own", 0o644)}
NEW: Tree = {"edit.txt": (b"new", 0o600), "mode.sh": (b"run", 0o755), "kept.txt": (b"kept", 0o644)}
NEW |= {"n/e/w.txt": (b"new file", 0o644), "link.txt": (b"file now", 0o644)}

PROGRAM = """
import os, signal, sys
from pathlib import Path
from msgen.repository.worktree import Disk, look, LINK, FOLDER
from msgen.repository.lock import locked
from msgen.repository.transaction import Write, perform

fatal, seen = int(sys.argv[1]), 0
def count(event, args):
    global seen
    if event in ("open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"):
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

root = Path.cwd()
paths = ["a/b/gone.txt", "edit.txt", "mode.sh", "link.txt", "n/e/w.txt", "svc/x.py", "svc"]
after = [None, Disk(b"new", 0o600), Disk(b"run", 0o755), Disk(b"file now"), Disk(b"new file"), None, None]
with locked(root) as note:
    found = look(root, paths)
    writes = [Write(path, found[path], disk) for path, disk in zip(paths, after)]
    sys.addaudithook(count)
    perform(root, writes)
    fatal = 0
print(seen)
"""


def lay(root: Path, tree: Tree) -> None:
    for path, (content, mode) in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
        (root / path).chmod(mode)


def tree(root: Path) -> Tree:
    files = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {p.relative_to(root).as_posix(): (p.read_bytes(), p.stat().st_mode & 0o777) for p in files}


def killed(root: Path, at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(at)], cwd=root, capture_output=True, text=True, check=False
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay(tmp_path, OLD)
    (tmp_path / "link.txt").symlink_to("kept.txt")
    return tmp_path


def test_everything_is_written(root: Path) -> None:
    done = killed(root, 0)
    assert done.returncode == 0, done.stderr
    assert tree(root) == NEW
    assert not (root / "a").exists()
    assert not (root / STAGED).exists()


def test_killed_at_any_step_the_next_command_finishes_or_undoes_it(tmp_path: Path) -> None:
    outcomes = set()
    at = 0
    while True:
        at += 1
        root = tmp_path / str(at)
        root.mkdir()
        lay(root, OLD)
        (root / "link.txt").symlink_to("kept.txt")
        if killed(root, at).returncode == 0:
            break
        with locked(root) as note:
            outcomes.add(note)
        found = tree(root)
        assert found in (OLD, NEW), f"step {at}: {note}"
        assert (root / "link.txt").is_symlink() == (found == OLD)
        assert not (root / STAGED).exists()
    assert at > 30
    assert len(outcomes) == 3, outcomes


def test_an_edit_after_the_kill_is_kept_and_the_rest_undone(tmp_path: Path) -> None:
    undone = 0
    for at in range(20, 45):
        root = tmp_path / str(at)
        root.mkdir()
        lay(root, OLD)
        (root / "link.txt").symlink_to("kept.txt")
        if killed(root, at).returncode == 0 or not (root / STAGED / JOURNAL).exists():
            continue
        (root / "edit.txt").write_bytes(b"edited since")
        with locked(root) as note:
            undone += "files were edited since" in note
        assert tree(root) == {**OLD, "edit.txt": (b"edited since", 0o600)}
    assert undone > 3


@pytest.mark.parametrize("failing", range(5))
def test_a_disk_that_refuses_leaves_everything_as_it_was(
    root: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, real = 0, Path.rename

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls > failing:
            monkeypatch.undo()
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "rename", replace)
    paths = ["edit.txt", "mode.sh", "a/b/gone.txt", "n/e/w.txt", "svc"]
    after = [Disk(b"new"), Disk(b"run", 0o755), None, Disk(b"x"), None]
    found = look(root, paths)
    writes = [Write(p, found[p], d) for p, d in zip(paths, after, strict=True)]
    with locked(root), pytest.raises(UserError, match="No space left on device; nothing was changed"):
        perform(root, writes)
    assert tree(root) == OLD
    assert not (root / "n").exists()
    assert not (root / STAGED).exists()


def test_a_file_that_changes_meanwhile_is_not_overwritten(root: Path) -> None:
    found = look(root, ["edit.txt", "mode.sh"])
    (root / "mode.sh").write_bytes(b"edited")
    with locked(root), pytest.raises(UserError, match="changed while the command was running"):
        perform(root, [Write(path, disk, Disk(b"new")) for path, disk in found.items()])
    assert tree(root) == {**OLD, "mode.sh": (b"edited", 0o644)}


def test_a_read_only_file_is_not_overwritten(root: Path) -> None:
    (root / "edit.txt").chmod(0o444)
    found = look(root, ["edit.txt"])
    with locked(root), pytest.raises(UserError, match="read-only"):
        perform(root, [Write("edit.txt", found["edit.txt"], Disk(b"new"))])
    assert (root / "edit.txt").read_bytes() == b"old"


def test_nothing_is_written_outside(root: Path) -> None:
    for path in ("../out.txt", "/tmp/out.txt", ".git/config", "a//b"):
        with locked(root), pytest.raises(UserError, match="refusing"):
            perform(root, [Write(path, None, Disk(b"new"))])


def test_what_stands_at_a_path_is_told_without_following_it(root: Path) -> None:
    (root / "out").symlink_to("/")
    (root / "in").symlink_to("svc")
    os.mkfifo(root / "pipe")
    found = look(root, ["link.txt", "svc", "pipe", "out/etc/hostname", "in/x.py", "edit.txt/below", "none"])
    assert [disk.odd if disk else None for disk in found.values()] == [
        LINK,
        FOLDER,
        "a special file",
        "behind a symbolic link that leaves the repository",
        "",
        "below a file",
        None,
    ]


def test_one_command_waits_for_another(root: Path) -> None:
    order = []
    with locked(root):
        thread = threading.Thread(target=lambda: _enter(root, order))
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def _enter(root: Path, order: list[str]) -> None:
    with locked(root):
        order.append("second")


def test_one_command_refuses_when_another_takes_too_long(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TIMEOUT", 0.1)
    with locked(root), pytest.raises(UserError, match="another msgen command is running"), locked(root):
        pass
    with locked(root, shared=True), locked(root, shared=True):
        pass


def test_a_journal_that_cannot_be_read_is_said_and_left(root: Path) -> None:
    (root / STAGED).mkdir(parents=True)
    (root / STAGED / JOURNAL).write_text("?")
    with pytest.raises(UserError, match="cannot recover"), locked(root):
        pass
    assert (root / STAGED / JOURNAL).exists()
