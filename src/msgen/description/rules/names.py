"""Names reserved by a tool, file system or language, and names that collide in another spelling."""

from collections.abc import Iterable, Iterator
from functools import partial

from msgen.core.errors import quoted
from msgen.core.naming import Name
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

WINDOWS = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}

SERVICES = {
    **dict.fromkeys(("docs", "health", "metrics"), "reserved for a path of the gateway"),
    "jwks": "its URL variable is reserved by msgen",
    "token": "its URL variable is reserved by msgen",
    "localhost": "resolves to the local host",
    "root": "reserved by msgen for files outside services",
}
FIELDS = {
    **dict.fromkeys(("id", "version", "created_at", "updated_at"), "every resource has this field"),
    **dict.fromkeys(("limit", "offset", "sort"), "query parameter of every list"),
}
RANGED = ("integer", "number", "decimal", "date", "datetime")
BLUEPRINT_TABLES = {
    "auth": ("accounts", "login_failures", "mailed_tokens", "refresh_tokens", "revocations"),
    "analytics": ("event_counts",),
}


def system_name(system: System) -> Iterator[Finding]:
    name = system.description.name
    if reason := system.reason("system", name) or _yaml(name) or reserved_device(name):
        yield Finding(("name",), f"the system cannot be called {quoted(name)}: {reason}", "choose another name")


def _yaml(name: str) -> str:
    return "YAML does not read it as a string" if name in ("true", "false", "null") else ""


def service_names(system: System) -> Iterator[Finding]:
    services = system.description.services
    for name in services:
        reason = SERVICES.get(name) or system.reason("service", name) or _yaml(name) or reserved_device(name)
        if name.endswith("-migrate") and name.removesuffix("-migrate") in services:
            reason = f"reserved for the migrations of {name.removesuffix('-migrate')}"
        if language := system.reserving("service", Name(name).snake, partial(set, (name,))):
            reason = f"reserved by {language}"
        if reason:
            yield Finding(
                ("services", name), f"a service cannot be called {quoted(name)}: {reason}", "rename it", key=True
            )
    yield from _same((("services", name), name) for name in services)


def resource_names(system: System) -> Iterator[Finding]:
    for where, service, name, _ in system.resources:
        if language := system.reserving("resource", name, partial(system.users_of_resource, service, name)):
            message = f"a resource cannot be called {quoted(name)}: reserved by {language}"
            yield Finding(where, message, f"rename it, for example to '{_longer(name, service)}'", key=True)
        if reason := reserved_device(name):
            yield Finding(where, f"a resource cannot be called {quoted(name)}: {reason}", "rename it", key=True)
        blueprint = system.description.services[service].blueprint or ""
        table = Name(name).plural.snake
        if table in BLUEPRINT_TABLES.get(blueprint, ()):
            message = f"the blueprint {quoted(blueprint)} already has a table {quoted(table)}"
            yield Finding(where, message, "rename the resource", key=True)
    for service, spec in system.description.services.items():
        yield from _same((("services", service, "resources", name), name) for name in spec.resources)


def message_names(system: System) -> Iterator[Finding]:
    for where, name, _ in system.messages:
        if language := system.reserving("message", Name(name).snake, partial(system.users_of_message, where)):
            message = f"a message cannot be called {quoted(name)}: reserved by {language}"
            yield Finding(where, message, "rename it", key=True)
        if reason := reserved_device(name):
            yield Finding(where, f"a message cannot be called {quoted(name)}: {reason}", "rename it", key=True)
    declared = [(where, name) for where, name, _ in system.messages]
    implicit = [
        (("services", system.resource_events[e][0], "resources", system.resource_events[e][1]), e)
        for e in sorted(system.published & system.resource_events.keys() - system.description.events.keys())
    ]
    yield from _same([*implicit, *declared])
    for event in system.description.events:
        if event in system.resource_events:
            service, resource, _ = system.resource_events[event]
            message = f"{quoted(event)} is already declared by the resource {quoted(resource)} of {quoted(service)}"
            hint = f"remove it here; {service} publishes it with the fields of the resource"
            yield Finding(("events", event), message, hint, key=True)


def resource_fields(system: System) -> Iterator[Finding]:
    for where, service, resource, fields in system.resources:
        users = partial(system.users_of_resource, service, resource)
        for name in fields:
            place = (*where, "fields", name)
            if reason := FIELDS.get(name) or system.reason("field", name):
                yield Finding(place, f"a field cannot be called {quoted(name)}: {reason}", "rename it", key=True)
            elif language := system.reserving("field", name, users):
                yield _reserved_field(place, name, language, resource)
            stem, _, bound = name.rpartition("_")
            ranged = stem in ("created_at", "updated_at") or (stem in fields and _ranged(fields[stem]))
            if bound in ("min", "max") and ranged:
                message = f"{quoted(name)} is already the range filter of {quoted(stem)}"
                yield Finding(place, message, "rename it", key=True, relies=((*where, "fields", stem),))


def message_fields(system: System) -> Iterator[Finding]:
    for where, message, fields in system.messages:
        users = partial(system.users_of_message, where)
        for name in fields:
            if language := system.reserving("field", name, users):
                yield _reserved_field((*where, name), name, language, message)


def _ranged(spec: object) -> bool:
    return not getattr(spec, "enum", ()) and getattr(spec, "type", "") in RANGED


def _reserved_field(where: Where, name: str, language: str, holder: str) -> Finding:
    better = _longer(name, Name(holder).snake.split("_")[0])
    message = f"a field cannot be called {quoted(name)}: reserved by {language}"
    return Finding(where, message, f"rename it, for example to '{better}'", key=True)


def _longer(name: str, prefix: str) -> str:
    return f"{Name(prefix).snake}_{name}"[:40]


def reserved_device(name: str) -> str:
    """Return why a name cannot be a file name on every system; an extension does not help."""
    return "reserved device name on Windows" if name.partition(".")[0] in WINDOWS else ""


def _same(names: Iterable[tuple[Where, str]]) -> Iterator[Finding]:
    """Yield different names with the same spelling in code: `order.item-created` and `order-item.created`."""
    seen: dict[str, str] = {}
    for where, name in names:
        other = seen.setdefault(Name(name).pascal, name)
        if other != name:
            message = f"{quoted(name)} and {quoted(other)} are the same name in code: {Name(name).pascal}"
            yield Finding(where, message, "rename one of them", key=True)


RULES = (system_name, service_names, resource_names, message_names, resource_fields, message_fields)
