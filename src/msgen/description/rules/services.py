"""Languages, databases, calls, references and blueprints of services."""

from collections.abc import Iterator

from msgen.core.errors import quoted
from msgen.core.suggestions import one_of
from msgen.description.auth_messages import filled, needed, occasion
from msgen.description.field_model import MessageField
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

LONGEST_FILLED = 255
WHEN = {
    "registration": "registration",
    "deletion": "deletion of an account",
    "reset": "reset of a password",
    "verification": "verification of an address",
}
LISTS = ("calls", "sends", "consumes", "publishes", "subscribes")


def languages(system: System) -> Iterator[Finding]:
    known = sorted(system.languages)
    mentions: list[tuple[Where, str | None]] = [(("defaults", "language"), system.description.defaults.language)]
    mentions += [(("services", n, "language"), s.language) for n, s in system.description.services.items()]
    for where, language in mentions:
        if known and language is not None and language not in known:
            yield Finding(
                where, f"language {quoted(language)} is not available in this version", one_of(language, known)
            )


def repeated(system: System) -> Iterator[Finding]:
    """Yield duplicate items of lists."""
    lists: list[tuple[Where, tuple[str, ...]]] = [(("gateway", "cors"), system.description.gateway.cors)]
    for name, spec in system.description.services.items():
        lists += [(("services", name, key), getattr(spec, key)) for key in LISTS]
    for where, items in lists:
        for number, item in enumerate(items):
            if item in items[:number]:
                yield Finding((*where, number), f"{quoted(item)} is listed twice", "remove one of them")


def databases(system: System) -> Iterator[Finding]:
    for name, spec in system.description.services.items():
        if system.database(name) != "none":
            continue
        where = ("services", name)
        needs = "resources" if spec.resources else spec.blueprint if spec.blueprint in ("auth", "analytics") else ""
        if not needs:
            continue
        what = "its resources" if spec.resources else f"the blueprint {quoted(needs)}"
        explicit = spec.database is not None
        place = (*where, "database") if explicit else (*where, "resources" if spec.resources else "blueprint")
        hint = "remove `database: none`" if explicit else "add `database: postgres`"
        yield Finding(
            place, f"{name} has no database, which {what} need{'' if spec.resources else 's'}", hint, key=True
        )


def calls(system: System) -> Iterator[Finding]:
    services = system.description.services
    for name, spec in services.items():
        for number, called in enumerate(spec.calls):
            where = ("services", name, "calls", number)
            if called == name:
                yield Finding(where, f"{name} calls itself", "remove it; a service does not call itself")
            elif called not in services:
                hint = one_of(called, (s for s in services if s != name), f"add {quoted(called)} to 'services'")
                yield Finding(where, f"there is no service {quoted(called)}", hint, relies=(("services", called),))
            elif not services[called].resources and not services[called].operations:
                message = f"{called} has neither resources nor operations, so there is nothing to call"
                hint = "give it some, or remove it here"
                relies = (("services", called, "resources"), ("services", called, "operations"))
                yield Finding(where, message, hint, relies=relies)


def references(system: System) -> Iterator[Finding]:
    for where, service, _, fields in system.resources:
        for name, spec in fields.items():
            if spec.references is not None:
                yield from _reference(system, service, (*where, "fields", name, "references"), spec.references)
    yield from _circles(system)


def _reference(system: System, service: str, where: Where, text: str) -> Iterator[Finding]:
    services = system.description.services
    known = [f"{s}.{r}" for _, s, r, _ in system.resources]
    if text in known:
        target = text.partition(".")[0]
        if target != service and target not in services[service].calls:
            calls = ("services", service, "calls")
            message = f"{service} refers to {quoted(text)}, but does not call {quoted(target)}"
            yield Finding(where, message, f"add `calls: [{target}]` to {service}", relies=(calls,))
        return
    target, dot, resource = text.partition(".")
    relies = (("services", target, "resources", resource or "*"),)
    if not dot:
        hint = one_of(text, (), f"write it as `service.resource`, such as {quoted(known[0])}" if known else "")
        near = [k for k in known if text in (k, *k.split("."))]
        yield Finding(where, f"{quoted(text)} is not a resource", f"did you mean {quoted(near[0])}?" if near else hint)
    elif target not in services:
        yield Finding(where, f"there is no service {quoted(target)}", one_of(text, known), relies=relies)
    else:
        yield Finding(where, f"{target} has no resource {quoted(resource)}", one_of(text, known), relies=relies)


Needs = dict[str, dict[str, Where]]
"""Map each `service.resource` to the resources that it references, and these to the location."""


def _circles(system: System) -> Iterator[Finding]:
    """Yield cycles of references in which no resource, or no table, can be created first."""
    required: Needs = {}
    tables: Needs = {}
    for where, service, resource, fields in system.resources:
        name = f"{service}.{resource}"
        for field, spec in fields.items():
            if not spec.references:
                continue
            place = (*where, "fields", field, "references")
            if not spec.optional:
                required.setdefault(name, {}).setdefault(spec.references, place)
            if spec.references != name and spec.references.startswith(f"{service}."):
                tables.setdefault(name, {}).setdefault(spec.references, place)
    told: set[str] = set()
    for needs, failure, hint in (
        (required, "nothing could be created", "make one of these references optional: `type: uuid?`"),
        (tables, "no table could be the first", "make one of these references a plain field of type uuid"),
    ):
        for start in needs:
            circle = _circle(needs, start)
            if circle and told.isdisjoint(circle):
                told |= set(circle)
                yield Finding(needs[circle[0]][circle[1]], f"{failure}: {' needs '.join(circle)}", hint)


def _circle(needs: Needs, start: str) -> list[str]:
    """Return the path from a resource back to itself, both ends included; empty if there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        at = waiting.pop(0)
        for target in needs.get(at, ()):
            if target == start:
                way = [at]
                while way[0] != start:
                    way.insert(0, came_from[way[0]])
                return [*way, start]
            if target not in came_from:
                came_from[target] = at
                waiting.append(target)
    return []


def blueprints(system: System) -> Iterator[Finding]:
    auths = [name for name, spec in system.description.services.items() if spec.blueprint == "auth"]
    for name in auths[1:]:
        message = f"{auths[0]} has the blueprint 'auth' already"
        yield Finding(("services", name, "blueprint"), message, "a system has one auth service")
    for name, spec in system.description.services.items():
        match spec.blueprint:
            case "auth":
                yield from _auth(system, name)
            case "mailer":
                yield from _mailer(system, name)
            case "analytics" if not spec.subscribes:
                message = f"{name} subscribes to no event that it could count"
                relies = (("services", name, "subscribes"),)
                yield Finding(("services", name, "blueprint"), message, 'add `subscribes: ["order.*"]`', relies=relies)


def _mailer(system: System, name: str) -> Iterator[Finding]:
    spec = system.description.services[name]
    where: Where = ("services", name)
    if not spec.consumes:
        message = f"{name} consumes no queue whose messages it could mail"
        hint = "add `consumes: [welcome-email]`"
        yield Finding((*where, "blueprint"), message, hint, relies=((*where, "consumes"),))
    for number, queue in enumerate(spec.consumes):
        fields = system.description.queues.get(queue)
        addresses = [f for f, s in fields.items() if s.type == "email" and not s.enum and not s.list] if fields else []
        relies: tuple[Where, ...] = (("queues", queue),)
        place: Where = (*where, "consumes", number)
        if fields and not addresses:
            message = f"messages of {quoted(queue)} have no field of type email to send a mail to"
            yield Finding(place, message, f"add `email: email` to the queue {queue}", relies=relies)
        elif fields and fields[addresses[0]].optional:
            message = f"the address of {quoted(queue)}, {quoted(addresses[0])}, is optional"
            yield Finding(("queues", queue, addresses[0]), message, f"{name} needs it: write `{addresses[0]}: email`")


def _auth(system: System, name: str) -> Iterator[Finding]:
    spec = system.description.services[name]
    queues = {("queues", q): system.description.queues.get(q, {}) for q in spec.sends}
    events = {("events", str(e)): system.description.events.get(e, {}) for e in spec.publishes}
    for where, fields in {**queues, **events}.items():
        message = where[1]
        for field, field_spec in fields.items():
            if wrong := _cannot_fill(message, field, field_spec):
                text = f"{name} cannot fill {quoted(field)} of {quoted(message)} on {WHEN[occasion(message)]}"
                yield Finding((*where, field), text, wrong, relies=((*where, field),))
        for field in needed(message) if fields else ():
            if field not in fields or fields[field].optional:
                text = f"{quoted(message)} has no required field {quoted(field)}"
                hint = f"{name} sends it on {WHEN[occasion(message)]}: add `{field}: {filled(message)[field][0]}`"
                yield Finding(where, text, hint, key=True, relies=((*where, field),))


def _cannot_fill(message: str, field: str, spec: MessageField) -> str:
    """Return a hint if auth cannot fill a field; empty if it can, or need not."""
    kind = "enum" if spec.enum else "list" if spec.list else spec.type
    known = filled(message)
    if field not in known:
        return "" if spec.optional else f"make it optional; auth knows {', '.join(known)}"
    if kind not in known[field]:
        return f"write `{field}: {known[field][0]}`"
    if (spec.min or 0) > 1 or (spec.max is not None and spec.max < LONGEST_FILLED):
        return "remove 'min' and 'max': accounts have 1 to 255 characters here"
    return ""


RULES = (languages, repeated, databases, calls, references, blueprints)
