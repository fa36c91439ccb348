"""Run git: create the first commit, read the state of a repository."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgen.core.errors import quoted, user_error

# User settings that must not prevent the first commit or change file contents.
NEUTRAL = {
    "commit.gpgSign": "false",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.safecrlf": "false",
    "maintenance.auto": "false",
    "user.useConfigOnly": "true",
}
# Variables for identity and configuration are kept; others may select another repository.
KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_EXEC_PATH", "GIT_SSL", "GIT_TRACE")
FALLBACK = {"NAME": "msgen", "EMAIL": "msgen@localhost"}


def installed() -> bool:
    return shutil.which("git") is not None


def enclosing(folder: Path) -> Path | None:
    """Return the worktree that contains a new directory and does not ignore it."""
    folder = folder.resolve()  # `..` leaves the worktree
    root = next((parent for parent in folder.parents if (parent / ".git").exists()), None)
    if root and installed() and _git(root, "check-ignore", "-q", str(folder)).returncode == 0:
        return None
    return root


def is_worktree(root: Path) -> bool:
    return installed() and any((folder / ".git").exists() for folder in (root, *root.parents))


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Return the output of a git command; empty if it fails."""
    return _git(folder, *arguments, stdin=stdin).stdout


def files_at(folder: Path, revision: str, paths: Sequence[str]) -> dict[str, bytes]:
    """Return files at a revision, by their paths from a directory. Raises `UserError` if there is no such revision."""
    if not is_worktree(folder):
        raise user_error("the directory is not in a git repository, or git is not installed", "run it in a clone")
    if _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").returncode != 0:
        raise user_error(
            f"there is no revision {quoted(revision)} in this clone",
            "fetch it: a clone of CI may be shallow, or have only one branch",
            code="no-revision",
        )
    listed = _git(folder, "ls-tree", "-r", "-z", "--end-of-options", revision, "--", *paths).stdout
    entries = [entry.split(b"\t", 1) for entry in listed.split(b"\0") if entry]
    blobs = {path.decode(errors="replace"): head.split()[2] for head, path in entries if head.split()[1] == b"blob"}
    content = _git(folder, "cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in blobs.values())).stdout
    files = {}
    for path in blobs:
        head, _, content = content.partition(b"\n")
        size = int(head.split()[2])
        files[path], content = content[:size], content[size + 1 :]
    return files


def uncommitted(root: Path, besides: str) -> int:
    """Count uncommitted files below a directory, except one; 0 without git."""
    if not is_worktree(root):
        return 0
    done = _git(root, "status", "--porcelain", "-z", "--", ".", f":(exclude){besides}")
    return sum(1 for entry in done.stdout.split(b"\0") if entry[2:3] == b" ")


def start(folder: Path, message: str) -> str | None:
    """Create a repository with one commit of all files on branch `main`.

    Returns a note if the user has no git identity. Raises `UserError` with git's output if git fails.
    """
    _run(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    _run(folder, "add", "--all", "--force")
    known = all(_git(folder, "var", f"GIT_{role}_IDENT").returncode == 0 for role in ("AUTHOR", "COMMITTER"))
    identity = {} if known else {f"GIT_{r}_{k}": v for r in ("AUTHOR", "COMMITTER") for k, v in FALLBACK.items()}
    _run(folder, "commit", "--quiet", "--no-verify", f"--message={message}", **identity)
    if known:
        return None
    return (
        "Git has no identity for you, so the author of the first commit is msgen. Set user.name and user.email, then "
        "run\n    git commit --amend --reset-author --no-edit"
    )


def _run(folder: Path, *arguments: str, **variables: str) -> None:
    done = _git(folder, *arguments, stdin=None, **variables)
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed"
        raise user_error(f"git cannot create the first commit: {words}", "use --no-git to skip it")


def _git(
    folder: Path, *arguments: str, stdin: bytes | None = None, **variables: str
) -> "subprocess.CompletedProcess[bytes]":
    settings = [part for key, value in NEUTRAL.items() for part in ("-c", f"{key}={value}")]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith(KEPT)}
    return subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        env={**kept, **variables, "LC_ALL": "C"},
        input=stdin or b"",
        capture_output=True,
        check=False,
    )
