"""Paths of generated files: relative, with slashes, and sure to stay inside the repository."""

from pathlib import PurePosixPath

# Not portable, or with a meaning of their own on some system that the repository may be cloned to.
LONGEST = 1024
"""Bytes of a path inside the repository."""
FORBIDDEN = frozenset('\\:*?"<>|') | {chr(code) for code in (*range(32), 127)}


def is_safe(path: str) -> bool:
    """Whether a file can be written there: no way out of the repository, nothing in `.git`, no odd characters."""
    parts = path.split("/")
    return (
        not any(part in ("", ".", "..") or part.lower() == ".git" or part[-1] in ". " for part in parts)
        and FORBIDDEN.isdisjoint(path)
        and len(path.encode("utf-8", "surrogatepass")) <= LONGEST
    )


def join(folder: str, name: str) -> str:
    """`name` below `folder`, which may be `.`; nothing is resolved, so that `is_safe` sees every `..`."""
    return str(PurePosixPath(folder, name))


def collision(paths: list[str]) -> tuple[str, str] | None:
    """Two paths that cannot both be files on every file system: they differ in case alone, or one holds the other."""
    seen: dict[str, str] = {}
    for path in paths:
        first = seen.setdefault(path.casefold(), path)
        if first != path:
            return first, path
    for path in paths:
        for parent in PurePosixPath(path.casefold()).parents:
            if str(parent) in seen:
                return seen[str(parent)], path
    return None
