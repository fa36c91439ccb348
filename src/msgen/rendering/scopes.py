"""Objects that layers and entries of packs apply to."""

from collections.abc import Callable, Iterator

from msgen.packs.jinja import Variables
from msgen.planning.plan import Plan

OBJECTS: dict[str, Callable[[Plan], Iterator[Variables]]] = {
    "system": lambda _plan: iter([{}]),
    "service": lambda plan: ({"service": s} for s in plan.services),
    "resource": lambda plan: ({"service": s, "resource": r} for s in plan.services for r in s.resources),
    "change": lambda plan: ({"service": s, "change": c} for s in plan.services for c in s.changes),
    "operation": lambda plan: ({"service": s, "operation": o} for s in plan.services for o in s.operations),
    "rule": lambda plan: (
        {"service": s, "resource": r, "rule": rule} for s in plan.services for r in s.resources for rule in r.rules
    ),
    "job": lambda plan: ({"service": s, "job": j} for s in plan.services for j in s.jobs),
    "call": lambda plan: ({"service": s, "call": c} for s in plan.services for c in s.calls),
    "consumes": lambda plan: ({"service": s, "queue": q} for s in plan.services for q in s.consumes),
    "subscribes": lambda plan: ({"service": s, "event": e} for s in plan.services for e in s.subscribes),
    "queue": lambda plan: ({"queue": q} for q in plan.queues),
    "event": lambda plan: ({"event": e} for e in plan.events),
}
"""Variables of each object by scope (`table_checks.SCOPES`), besides `system`."""


def scoped(each: str, language: str, plan: Plan) -> Iterator[Variables]:
    """The variables for each object of a scope whose service uses the language, or for a system that does."""
    for scope in OBJECTS[each](plan):
        used = {scope["service"].language} if "service" in scope else plan.languages
        if not language or language in used:
            yield {"system": plan, **scope}
