"""Warnings about resources that more callers reach than most systems want."""

from collections.abc import Iterator

from msgen.planning.plan import Plan


def exposed(plan: Plan) -> Iterator[str]:
    """Describe resources that everybody, or every account, may change."""
    paths = [r.path for r in plan.resources if r.access is None]
    if paths:
        yield f"without accounts, everybody may see and change all rows of {_listed(paths)}"
    paths = [r.path for r in plan.resources if r.access and r.access.trivial]
    if paths:
        yield f"every account may see and change all rows of {_listed(paths)}: give them an `owner` or `access`"


def _listed(paths: list[str], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
