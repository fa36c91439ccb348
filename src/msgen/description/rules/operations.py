"""Operations and rules: names, paths, inputs, outputs, access and events."""

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgen.core.errors import quoted
from msgen.core.naming import Name
from msgen.core.suggestions import one_of
from msgen.description.access import GRANTEES, OWNER, covers, granted, owner_field, roles
from msgen.description.operation_model import FILE, METHODS, parameters
from msgen.description.operations import ROW, Declared, declared_operations
from msgen.description.resources import resource_path
from msgen.description.rules.access import AUTH, known_grantees
from msgen.description.rules.finding import Finding
from msgen.description.rules.names import FIELDS, reserved_device
from msgen.description.rules.network import OWN_PATHS
from msgen.description.rules.system import System

if TYPE_CHECKING:
    from msgen.description.source_map import Where

ACTIONS = ("create", "delete", "get", "list", "read", "update")
AUTH_PATHS = ("login", "logout", "refresh", "register")
NO_PARAMETERS = ("list", "text", "json", "number", "decimal", "boolean", "url")
"""Types that are no path parameters; of these, `json` is no query parameter either."""


def operations(system: System) -> Iterator[Finding]:
    for service in system.description.services:
        names: dict[str, Declared] = {}
        served = _actions(system, service)
        for declared in declared_operations(system.description, service):
            yield from _name(system, declared, names)
            yield from _path(system, declared, served)
            yield from _input(system, declared)
            yield from _output(system, declared)
            yield from _access(system, declared)
            yield from _events(system, declared)


def rules(system: System) -> Iterator[Finding]:
    for where, service, name, _ in system.resources:
        listed = system.description.services[service].resources[name].rules
        for number, rule in enumerate(listed):
            if rule in listed[:number]:
                yield Finding((*where, "rules", number), f"{quoted(rule)} is listed twice", "remove one of them")


def _name(system: System, declared: Declared, names: dict[str, Declared]) -> Iterator[Finding]:
    name = declared.full_name
    reason = reserved_device(declared.name)
    if language := system.reserving("operation", name.snake, partial(system.users_of_operations, declared.service)):
        reason = f"reserved by {language}"
    if declared.resource and declared.name in ACTIONS:
        reason = "every resource has this action"
    if declared.name in AUTH_PATHS and system.description.services[declared.service].blueprint == "auth":
        reason = "the blueprint 'auth' has it"
    if reason:
        message = f"an operation cannot be called {quoted(declared.name)}: {reason}"
        yield Finding(declared.where, message, "rename it", key=True)
    other = names.setdefault(name.pascal, declared)
    if other is not declared:
        message = f"{quoted(declared.name)} has the same name in code as another operation: {name.pascal}"
        yield Finding(declared.where, message, "rename one of them", key=True)


def _actions(system: System, service: str) -> dict[tuple[str, str], str]:
    """Return what serves each method and form of a path."""
    found: dict[tuple[str, str], str] = {}
    for resource in system.description.services[service].resources:
        path = resource_path(resource)
        found |= {("get", path): "list", ("post", path): "create"}
        found |= {
            (m, f"{path}/{{}}"): action for m, action in (("get", "read"), ("patch", "update"), ("delete", "delete"))
        }
    return found


def _path(system: System, declared: Declared, served: dict[tuple[str, str], str]) -> Iterator[Finding]:
    spec, path = declared.spec, declared.path
    place: Where = (*declared.where, spec.method) if spec.given_path else declared.where
    for second in [method for method in METHODS if getattr(spec, method)][1:]:
        message = f"{quoted(declared.name)} has two methods: {spec.method} and {second}"
        yield Finding((*declared.where, second), message, "write two operations", key=True)
    root = f"/{path.split('/')[1]}"
    collection = resource_path(declared.resource) if declared.resource else ""
    if declared.resource and root != collection:
        yield Finding(place, f"{path} is not below {collection}", f"write {collection}/… or declare it for the service")
        return
    if owner := _other_owner(system, declared.service, root):
        yield Finding(place, f"{path} belongs to {owner}", f"begin it with /{declared.service}/")
    names = list(parameters(path))
    repeated = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if repeated:
        yield Finding(place, f"{path} has the parameter {quoted(repeated)} twice", "rename one of them")
    if "id" in names and not (declared.resource and path.split("/")[2] == ROW):
        yield Finding(place, f"{path} has {ROW} where no row is meant", f"name it, such as {{{Name(root).snake}_id}}")
    if declared.row and f"{declared.resource}_id" in names:
        yield Finding(place, f"{path} has the id of the row twice", "remove or rename one of them")
    form = re.sub(r"\{\w+\}", "{}", path)
    other = served.setdefault((spec.method, form), declared.name)
    if other != declared.name:
        message = f"{spec.method.upper()} {path} is already the path of {quoted(other)}"
        yield Finding(place, message, "choose another path")


def _other_owner(system: System, service: str, root: str) -> str:
    """Return whose a path is, unless the service may use it."""
    if root in OWN_PATHS:
        return "every service"
    for name in system.description.services:
        mine = {f"/{name}", *map(resource_path, system.description.services[name].resources)}
        if root in mine:
            return "" if name == service else f"the service {quoted(name)}"
    for name in system.description.services:
        if any(root == f"/{d.path.split('/')[1]}" for d in declared_operations(system.description, name)):
            return "" if name == service else f"the service {quoted(name)}"
    return ""


def _input(system: System, declared: Declared) -> Iterator[Finding]:
    in_path = tuple(parameters(declared.path))
    for name, field in declared.spec.input.items():
        place = (*declared.where, "input", name)
        kind = "list" if field.list else "enum" if field.enum else field.type
        language = system.reserving("field", name, partial(system.users_of_operations, declared.service))
        if name in ("id", f"{declared.resource}_id") and declared.row:
            message = f"an input cannot be called {quoted(name)}: the id of the row is in the path"
            yield Finding(place, message, "rename or remove it", key=True)
        elif language or name in FIELDS:
            why = f"reserved by {language}" if language else FIELDS[name]
            message = f"an input cannot be called {quoted(name)}: {why}"
            yield Finding(place, message, "rename it", key=True)
        elif name in in_path and (kind in NO_PARAMETERS or field.optional):
            message = f"{quoted(name)} is in the path, so it is required and has a type such as string, uuid or integer"
            yield Finding(place, message, "change its type, or remove it from the path")
        elif name not in in_path and not declared.spec.with_body and kind in ("json", "list"):
            message = f"{quoted(name)} is in the query, which has no values of type {kind}"
            yield Finding(place, message, "use another type, or a method with a body")


def _output(system: System, declared: Declared) -> Iterator[Finding]:
    output = declared.spec.output
    if output is None:
        return
    place = (*declared.where, "output")
    resources = system.description.services[declared.service].resources
    if output.name == FILE and FILE in resources:
        yield Finding(place, "'file' is both a resource and the content of a file", "rename the resource")
    elif output.name == FILE and output.many:
        yield Finding(place, "an operation answers one file at most", "write `output: file`")
    elif output.name and output.name != FILE and output.name not in resources:
        relies: tuple[Where, ...] = (("services", declared.service, "resources"),)
        hint = one_of(output.name, (*resources, FILE), "write fields, such as `{price: decimal}`")
        yield Finding(place, f"{declared.service} has no resource {quoted(output.name)}", hint, relies=relies)
    elif not output.name and not output.fields:
        yield Finding(place, "'output' has no fields", "write fields, such as `{price: decimal}`, or remove it")
    for name in output.fields:
        if language := system.reserving("field", name, partial(system.users_of_operations, declared.service)):
            message = f"an output cannot have a field {quoted(name)}: reserved by {language}"
            yield Finding(place, message, "rename it")


def _access(system: System, declared: Declared) -> Iterator[Finding]:
    given, place = declared.spec.access, (*declared.where, "access")
    if given and not system.description.has_accounts:
        message = "'access' needs accounts, and the system has none"
        yield Finding(place, message, AUTH, key=True, relies=(("services", "*", "blueprint"),))
        return
    yield from known_grantees(system, place, given or ())
    if not given:
        return
    description = system.description
    spec = description.services[declared.service]
    owner = owner_field(description, spec.resources[declared.resource]) if declared.row else None
    if OWNER in given and not owner:
        what = "rows without an owner" if declared.row else "no row, so nobody owns it"
        yield Finding(place, f"{quoted(declared.name)} is about {what}", "grant it to `user` or to roles")
    readers = granted(description, spec.resources[declared.resource])["read"] if declared.row else GRANTEES
    for grantee in given if declared.row else ():
        if grantee in (*GRANTEES, *roles(description)) and not covers(readers, grantee):
            message = f"{quoted(grantee)} may call {quoted(declared.name)}, but not read the row"
            relies = (("services", declared.service, "resources", declared.resource, "access"),)
            yield Finding(place, message, f"add {quoted(grantee)} to 'read' of the resource", relies=relies)


def _events(system: System, declared: Declared) -> Iterator[Finding]:
    for number, event in enumerate(declared.spec.publishes):
        place = (*declared.where, "publishes", number)
        if event in system.description.events:
            if event.fields is not None:
                message = f"the fields of {quoted(event)} are declared under 'events'"
                yield Finding((*place, event), message, f"write `{event}` without fields", key=True)
        elif event in system.resource_events:
            message = f"changes of the resource publish {quoted(event)}, not an operation"
            yield Finding(place, message, f"move it to `publishes` of {system.resource_events[event][0]}")
        else:
            hint = one_of(event, sorted(system.description.events), "declare it under 'events'")
            yield Finding(place, f"there is no event {quoted(event)}", hint, relies=(("events", event),))


RULES = (operations, rules)
