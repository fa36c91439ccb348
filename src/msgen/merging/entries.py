"""Settle conflicts between sorted lists of entries, such as dependencies of a project, by name instead of by line."""

import re

from msgen.merging.lock_files import merge_mappings

CONFLICT = re.compile(
    rb"^<<<<<<< [^\n]*\n(.*?)^\|\|\|\|\|\|\| [^\n]*\n(.*?)^=======\n(.*?)^>>>>>>> [^\n]*\n", re.MULTILINE | re.DOTALL
)
ENTRY = re.compile(rb'[ \t]+"(@?[A-Za-z0-9][A-Za-z0-9./_-]*)[^"\n]*"(?:: "[^"\n]*")?(?=,?\n)')
"""`"name>=1.0",` in a list, or `"name": "^1.0",` in a mapping."""
Entries = dict[bytes, bytes]


def settle_entries(marked: bytes) -> bytes:
    """Replace the conflicts of entries in a merged text; those of other lines, and of one entry, keep their markers."""
    return CONFLICT.sub(_settled, marked)


def _settled(conflict: re.Match[bytes]) -> bytes:
    mine, base, new = (_entries(side) for side in conflict.groups())
    if mine is None or base is None or new is None:
        return conflict[0]
    if any(mine.get(name) != base.get(name) != new.get(name) != mine.get(name) for name in {*mine, *base, *new}):
        return conflict[0]
    merged = merge_mappings(base, mine, new)
    names = sorted(merged, key=bytes.lower)
    before, after = conflict.string[: conflict.start()].rpartition(b"\n")[0], conflict.string[conflict.end() :]
    around = [ENTRY.match(line + b"\n") for line in (before.rpartition(b"\n")[2], after.partition(b"\n")[0])]
    first, last = ([entry[1]] if entry else [] for entry in around)
    if not _is_sorted([*first, *names, *last]):
        return conflict[0]
    lines = [merged[name] for name in names]
    end = b",\n" if any(side.endswith(b",\n") for side in conflict.groups()) else b"\n"
    return b",\n".join(lines) + end if lines else b""


def _entries(lines: bytes) -> Entries | None:
    """Return entries by name; None if there are other lines, or the names are not sorted."""
    found = {entry[1]: entry[0] for entry in ENTRY.finditer(lines)}
    text = b"".join(line + b"\n" for line in found.values())
    return found if text == lines.replace(b",\n", b"\n") and _is_sorted([*found]) else None


def _is_sorted(names: list[bytes]) -> bool:
    return names == sorted(names, key=bytes.lower)
