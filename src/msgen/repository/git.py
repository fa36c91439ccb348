"""Run git: create the first commit, read the state of a repository."""

import os
import shutil
import subprocess
from pathlib import Path

from msgen.core.errors import user_error

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
