"""Three-way merge of lock files by package instead of by line."""

import json
import re
from collections.abc import Mapping
from typing import Any

PINNED = re.compile(rb"^([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])? ?==[^\n]*\n(?:[ \t#][^\n]*\n)*", re.MULTILINE)
"""One package of a `requirements.txt`, with its hashes."""


def merge_lock_file(base: bytes, mine: bytes, new: bytes) -> bytes | None:
    """Merge by package; take `new` for packages that both sides changed. None if it is not a lock file."""
    return _merge_requirements(base, mine, new) or _merge_package_lock(base, mine, new)


def _merge_requirements(*contents: bytes) -> bytes | None:
    packages = [{found[1].lower(): found[0] for found in PINNED.finditer(content)} for content in contents]
    if any(not found or b"".join(found.values()) != content for found, content in zip(packages, contents, strict=True)):
        return None
    merged = merge_mappings(*packages)
    return b"".join(merged[name] for name in sorted(merged))


def _merge_package_lock(*contents: bytes) -> bytes | None:
    try:
        base, mine, new = (json.loads(content) for content in contents)
        entries = [lock["packages"] for lock in (base, mine, new)]
        roots = [packages.pop("") for packages in entries]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    root = {**roots[2], **{key: _merged_root(key, roots) for key in ("dependencies", "devDependencies")}}
    packages = merge_mappings(*entries)
    merged = {"": {key: value for key, value in root.items() if value}} | {
        name: packages[name] for name in sorted(packages)
    }
    return (json.dumps({**new, "packages": merged}, indent=2, ensure_ascii=False) + "\n").encode()


def _merged_root(key: str, roots: list[Any]) -> dict[str, str]:
    found = merge_mappings(*(root.get(key, {}) for root in roots))
    return {name: found[name] for name in sorted(found)}


def merge_mappings(base: Mapping[Any, Any], mine: Mapping[Any, Any], new: Mapping[Any, Any]) -> dict[Any, Any]:
    """Take each key from the side that changed it, and from `new` if both did, unless it is only dropped there."""
    merged = {}
    for key in (*mine, *new):
        before, ours, theirs = (side.get(key) for side in (base, mine, new))
        chosen = ours if theirs == before or (theirs is None and ours != before) else theirs
        if chosen is not None:
            merged[key] = chosen
    return merged
