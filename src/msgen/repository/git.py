"""The git repository that a new system starts as."""

import os
import shutil
import subprocess
from pathlib import Path

from msgen.core.errors import user_error

# Settings of the user's that must not decide whether a generated repository can be committed, or change its bytes.
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
# Of git's variables, those that say who commits and where settings are; others may point at another repository.
KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_EXEC_PATH", "GIT_SSL", "GIT_TRACE")
FALLBACK = {"NAME": "msgen", "EMAIL": "msgen@localhost"}


def installed() -> bool:
    return shutil.which("git") is not None


def enclosing(folder: Path) -> Path | None:
    """The work tree that a new folder would belong to: one that holds it and does not ignore it."""
    parents = folder.absolute().parents
    root = next((parent for parent in parents if (parent / ".git").exists()), None)
    if root and installed() and _git(root, "check-ignore", "-q", str(folder.absolute())).returncode == 0:
        return None
    return root


def is_worktree(root: Path) -> bool:
    return installed() and any((folder / ".git").exists() for folder in (root, *root.parents))


def output(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """What a command of git's prints; empty if it fails with nothing to say."""
    return _git(folder, *arguments, stdin=stdin).stdout


def uncommitted(root: Path, besides: str) -> int:
    """How many files below a folder, besides one, differ from the last commit; 0 where there is no git."""
    if not is_worktree(root):
        return 0
    done = _git(root, "status", "--porcelain", "-z", "--", ".", f":(exclude){besides}")
    return sum(1 for entry in done.stdout.split(b"\0") if entry[2:3] == b" ")


def start(folder: Path, message: str) -> str | None:
    """Makes the folder a repository whose branch `main` holds one commit of all its files.

    Returns a note where the user has no git identity. Raises `UserError` with git's own words where git fails.
    """
    _run(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    _run(folder, "add", "--all", "--force")
    known = all(_git(folder, "var", f"GIT_{role}_IDENT").returncode == 0 for role in ("AUTHOR", "COMMITTER"))
    identity = {} if known else {f"GIT_{r}_{k}": v for r in ("AUTHOR", "COMMITTER") for k, v in FALLBACK.items()}
    _run(folder, "commit", "--quiet", "--no-verify", f"--message={message}", **identity)
    if known:
        return None
    return (
        "Git does not know you yet: the first commit is by msgen. Set user.name and user.email, then make it "
        "yours with\n    git commit --amend --reset-author --no-edit"
    )


def _run(folder: Path, *arguments: str, **variables: str) -> None:
    done = _git(folder, *arguments, stdin=None, **variables)
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip() or f"git {arguments[0]} failed"
        raise user_error(f"git cannot make the first commit: {words}", "--no-git makes the repository without it")


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
