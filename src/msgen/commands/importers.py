"""Modules of the user's own that import generated modules which have moved."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from msgen.merging.change import Change
from msgen.packs.pack import LEFTOVERS


def stale_imports(root: Path, changes: Iterable[Change], moves: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Name each file that msgen does not generate and that seems to import a moved one by its old path."""
    known = {change.path for change in changes}
    texts: dict[str, dict[str, str]] = {}
    for old, new in sorted(moves):
        service = os.path.commonpath([old, new])
        inside = PurePath(old).relative_to(service)
        if inside.suffix and service not in texts:
            texts[service] = {path: text for path, text in _own_files(root / service, root) if path not in known}
        pattern = _importing(inside)
        for path, text in texts.get(service, {}).items():
            if PurePath(path).suffix == inside.suffix and pattern.search(text):
                yield f"{path} imports {inside}, which is now {PurePath(new).relative_to(service)}"


def _own_files(folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - LEFTOVERS)
        for name in sorted(files):
            path = Path(parent) / name
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix(), path.read_text("utf-8", "ignore")


def _importing(module: PurePath) -> re.Pattern[str]:
    """Match a line that imports a module by its path, with dots or slashes, or relative to its folder."""
    folder, name = re.escape(module.parent.name), re.escape(module.stem)
    named = rf"(?:(?:\b{folder}|\s\.+)\s+import\s[\w\s,(]*\b|(?:\b{folder}|[\s\"'/]\.*)[./]){name}\b"
    return re.compile(rf"^.*\b(?:import|from|require)\b.*{named}", re.MULTILINE)
