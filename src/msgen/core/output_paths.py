"""Validation of generated paths: relative, with slashes, inside the repository, portable."""

from pathlib import PurePosixPath

LONGEST = 1024
"""Maximum length of a path in bytes."""
FORBIDDEN = frozenset('\\:*?"<>|') | {chr(code) for code in (*range(32), 127)}


def is_safe(path: str) -> bool:
    """Return whether a file may be written: inside the repository, outside `.git`, portable on every system."""
    parts = path.split("/")
    return (
        not any(part in ("", ".", "..") or part.lower() == ".git" or part[-1] in ". " for part in parts)
        and FORBIDDEN.isdisjoint(path)
        and len(path.encode("utf-8", "surrogatepass")) <= LONGEST
    )


def join(folder: str, name: str) -> str:
    """Join without resolving, so that `is_safe` sees every `..`; `folder` may be `.`."""
    return str(PurePosixPath(folder, name))


def collision(paths: list[str]) -> tuple[str, str] | None:
    """Return two paths that cannot coexist: they differ in case only, or one contains the other."""
    seen: dict[str, str] = {}
    for path in paths:
        first = seen.setdefault(path.casefold(), path)
        if first != path:
            return first, path
    folders: dict[str, str] = {}
    for folded, path in seen.items():
        while folded := folded.rpartition("/")[0]:
            if folded in folders:
                break
            folders[folded] = path
    return next(((seen[folder], path) for folder, path in folders.items() if folder in seen), None)
