"""Picks what a service needs from a pack's lock file, which holds everything that the pack can use, resolved once.

A lock file is a JSON object: key -> {"requires": [keys], ...}; whatever else an entry holds is for the templates.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgen.core.errors import user_error


def closure(lock: Mapping[str, Mapping[str, Any]], roots: Iterable[str]) -> list[dict[str, Any]]:
    """The roots' entries and those that they require, sorted by key; each with its `key` and whether it is `direct`."""
    direct = set(roots)
    found: set[str] = set()
    waiting = sorted(direct)
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        if key not in lock:
            raise user_error(f"the template pack has no locked version of {key!r}")
        found.add(key)
        waiting += lock[key].get("requires", ())
    return [{"key": key, "direct": key in direct, **lock[key]} for key in sorted(found)]
