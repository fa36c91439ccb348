"""Read both sides of a merge of branches from git, to merge generated files from their own baselines."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgen.core.paths import BASELINES
from msgen.merging import baseline
from msgen.merging.change import Branch, Branches
from msgen.merging.text import TextFormat, sides
from msgen.repository import git

PICKED = ("MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD")
STYLES = ((), ("--diff3",), ("--zdiff3",))
MARKER = re.compile(rb"^(<{7}|\|{7}|>{7}) .*$", re.MULTILINE)


def merged_branches(root: Path, files: Mapping[str, bytes]) -> dict[str, Branches]:
    """Return both sides of each file that is unchanged since git merged it, cleanly or with markers.

    Empty unless a merge, rebase or cherry-pick is in progress, or a merge commit is checked out.
    """
    commits = _commits(root)
    if not commits:
        return {}
    ancestor, ours, theirs = (_read(root, commit, files) for commit in commits)
    bases = [_baseline(root, commit) for commit in commits[1:]]
    found: dict[str, Branches] = {}
    for path, content in files.items():
        if _is_untouched(content, ancestor.get(path), ours.get(path), theirs.get(path)):
            contents = (ours.get(path), theirs.get(path))
            one, two = (
                Branch(side, tuple(base.content for base in known.get(path, ())))
                for side, known in zip(contents, bases, strict=True)
            )
            found[path] = (one, two)
    return found


def _commits(root: Path) -> tuple[str, str, str] | None:
    """Return the common ancestor, ours and theirs."""
    if not git.is_worktree(root):
        return None
    for other in PICKED:
        if theirs := _commit(root, other):
            ancestor = _ancestor(root, "HEAD", theirs) if other == "MERGE_HEAD" else _commit(root, f"{theirs}^")
            return (ancestor, "HEAD", theirs) if ancestor else None
    ancestor = _ancestor(root, "HEAD^1", "HEAD^2") if _commit(root, "HEAD^2") else ""
    return (ancestor, "HEAD^1", "HEAD^2") if ancestor else None


def _commit(root: Path, name: str) -> str:
    return git.output(root, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}").decode().strip()


def _ancestor(root: Path, one: str, two: str) -> str:
    return git.output(root, "merge-base", one, two).decode().strip()


def _read(root: Path, commit: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the existing files of a commit."""
    paths = list(paths)
    names = "".join(f"{commit}:./{path}\n" for path in paths)
    return dict(_objects(paths, git.output(root, "cat-file", "--batch", stdin=names.encode())))


def _objects(paths: list[str], output: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    for path in paths:
        end = output.index(b"\n", at)
        words = output[at:end].split()
        at = end + 1
        if words[-2:-1] == [b"blob"]:
            size = int(words[-1])
            yield path, output[at : at + size]
            at += size + 1


def _baseline(root: Path, commit: str) -> baseline.Bases:
    names = git.output(root, "ls-tree", "-z", "--name-only", commit, f"{BASELINES}/").decode().split("\0")
    found: dict[str, tuple[baseline.Base, ...]] = {}
    for content in _read(root, commit, filter(None, names)).values():
        found |= baseline.parse(content)
    return found


def _is_untouched(content: bytes, ancestor: bytes | None, ours: bytes | None, theirs: bytes | None) -> bool:
    """Return whether a file is exactly git's merge of both sides."""
    if ours is None or theirs is None:
        # Git may have taken two new files for one that both sides renamed.
        return content in (ours, theirs) or any(side in (ours, theirs) for side in sides(content) or ())
    content = TextFormat.of(content, ours).remove(content)
    if ancestor in (ours, theirs) or ours == theirs:
        return content == (theirs if ours == ancestor else ours)
    with tempfile.TemporaryDirectory(prefix="msgen-") as scratch:
        files = [Path(scratch, name) for name in ("ours", "ancestor", "theirs")]
        for file, text in zip(files, (ours, ancestor or b"", theirs), strict=True):
            file.write_bytes(text)
        merged = (git.output(Path(scratch), "merge-file", "-p", *style, *map(str, files)) for style in STYLES)
        return any(_unnamed(content) == _unnamed(text) for text in merged)


def _unnamed(content: bytes) -> bytes:
    """Remove the names of branches from conflict markers."""
    return MARKER.sub(rb"\1", content)
