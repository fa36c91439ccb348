"""Bounds of values in tests, so that they satisfy the checks of a resource."""

from collections.abc import Sequence
from dataclasses import replace

from msgen.planning.constraints import Constraint
from msgen.planning.fields import Field

NUMBERS = ("integer", "number", "decimal")
WIDTH = 1000


def samples(fields: Sequence[Field], constraints: Sequence[Constraint]) -> tuple[Field, ...]:
    """Return fields with bounds and ranks by which values satisfy the checks, and are new where they have to be."""
    checks = [c for c in constraints if c.kind == "check"]
    listed = {name for c in constraints if c.kind == "unique" for name in c.fields}
    known = {str(f.name): f for f in fields}
    found = []
    for field in fields:
        ranks = _ranks(field.name, checks)
        made = _narrowed(field, ranks, known) if len(ranks) > 1 and field.type in NUMBERS else field
        unique = any(name in listed or known[name].unique for name in ranks)
        found.append(replace(made, rank=ranks[field.name] if len(ranks) > 1 else None, unique=unique))
    return tuple(found)


def _ranks(name: str, checks: Sequence[Constraint]) -> dict[str, int]:
    """Return the position of each field that checks relate to one: a greater one has a higher position."""
    ranks = {name: 0}
    while missing := [c for c in checks if (c.fields[0] in ranks) != (c.fields[1] in ranks)]:
        ranks |= dict.fromkeys((f for c in missing for f in c.fields), 0)
    related = [c for c in checks if c.fields[0] in ranks]
    for _ in ranks:
        for check in related:
            low, high = check.fields if check.operator.startswith("<") else reversed(check.fields)
            ranks[high] = max(ranks[high], ranks[low] + 1)
    return ranks


def _narrowed(field: Field, ranks: dict[str, int], known: dict[str, Field]) -> Field:
    """Return the field with its share of the values that all related fields may have."""
    kin = [known[name] for name in ranks]
    parts = max(ranks.values()) + 1
    least = max((f.min for f in kin if f.min is not None), default=None)
    most = min((f.max for f in kin if f.max is not None), default=None)
    if least is None:
        least = 0 if most is None else most - parts * WIDTH + 1
    if most is None:
        most = least + parts * WIDTH - 1
    low, high = int(-(-least // 1)), int(most // 1)
    width = (high - low + 1) // parts
    if width < 1:
        return field
    start = low + ranks[field.name] * width
    return replace(field, min=start, max=start + width - 1)
