"""Select a service's packages from the lock file of a pack, which resolves all packages that the pack can use.

A lock file is a JSON object: key -> {"requires": [keys], ...}; other values of an entry are for the templates.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgen.core.errors import user_error


def closure(lock: Mapping[str, Mapping[str, Any]], roots: Iterable[str]) -> list[dict[str, Any]]:
    """Return the entries of the roots and their requirements, sorted, with `key` and whether they are `direct`."""
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
