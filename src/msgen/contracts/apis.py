"""Compare OpenAPI documents."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgen.contracts.changes import REFUSED, UNREADABLE, Breakage, described
from msgen.contracts.schemas import Comparison, default_gap, resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ACCESS = "x-access"
"""Who may call an operation: `public`, `user`, `owner` or roles."""
Operation = Mapping[str, Any]


def compare_apis(file: str, before: Any, after: Any) -> Iterator[Breakage]:
    """Yield what breaks clients of a service; `after` is empty if the service has no API any more."""
    old, new = _operations(before), _operations(after)
    for key, operation in old.items():
        where = operation["where"]
        if key not in new:
            yield Breakage(file, where, "operation-removed", "the operation was removed")
            continue
        for part in (_parameters, _body, _responses, _access):
            yield from part(file, where, (operation, before), (new[key], after))


def _operations(document: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Return operations by method and path; names of path parameters do not matter."""
    found = {}
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            if method in item:
                joined = [
                    resolve(p, document) for p in (*item.get("parameters", ()), *item[method].get("parameters", ()))
                ]
                key = (method, re.sub(r"\{.*?\}", "{}", path))
                found[key] = {**item[method], "parameters": joined, "where": f"{method.upper()} {path}"}
    return found


Side = tuple[Operation, Any]
"""An operation and its document."""


def _parameters(file: str, where: str, before: Side, after: Side) -> Iterator[Breakage]:
    old, new = (_named(side[0]) for side in (before, after))
    for key, parameter in old.items():
        name = f"{key[0]} parameter '{parameter['name']}'"
        if key not in new:
            yield Breakage(file, where, "parameter-removed", f"{name} was removed")
            continue
        if new[key].get("required") and not parameter.get("required"):
            yield Breakage(file, where, "parameter-required", f"{name} is now required")
        schemas = resolve(parameter.get("schema", {}), before[1]), resolve(new[key].get("schema", {}), after[1])
        gaps = [*Comparison(before[1], after[1], response=False).gaps(*schemas), *default_gap(*schemas)]
        yield from described(gaps, "parameter", REFUSED, file, where, name)
    for key, parameter in new.items():
        if key not in old and parameter.get("required"):
            name = f"{key[0]} parameter '{parameter['name']}'"
            yield Breakage(file, where, "parameter-required", f"{name} is new and required")


def _named(operation: Operation) -> dict[tuple[str, str], Any]:
    """Return parameters by place and name; those of a path by their position."""
    found = {}
    path = operation["where"].partition(" ")[2]
    names = re.findall(r"\{(.*?)\}", path)
    for parameter in operation["parameters"]:
        name = parameter.get("name", "")
        place = str(names.index(name)) if parameter.get("in") == "path" and name in names else name.lower()
        found[str(parameter.get("in")), place] = parameter
    return found


def _body(file: str, where: str, before: Side, after: Side) -> Iterator[Breakage]:
    old, new = (resolve(side[0].get("requestBody"), side[1]) for side in (before, after))
    if not old and not new:
        return
    if old and not new:
        yield Breakage(file, where, "request-body-removed", "the request body was removed")
        return
    if new.get("required") and not (old or {}).get("required"):
        yield Breakage(file, where, "request-body-required", "a request body is now required")
    for media, content in (old or {}).get("content", {}).items():
        if media not in new.get("content", {}):
            yield Breakage(file, where, "request-media-type", f"requests of type {media} are no longer accepted")
            continue
        compared = Comparison(before[1], after[1], response=False)
        gaps = compared.gaps(content.get("schema", {}), new["content"][media].get("schema", {}))
        yield from described(gaps, "request-field", REFUSED, file, where)


def _responses(file: str, where: str, before: Side, after: Side) -> Iterator[Breakage]:
    new = after[0].get("responses", {})
    for status, given in before[0].get("responses", {}).items():
        if not str(status).startswith("2"):
            continue
        if status not in new:
            now = ", ".join(str(s) for s in new if str(s).startswith("2")) or "none"
            yield Breakage(file, where, "response-status", f"the status of success is {now}; before: {status}")
            continue
        old_content = resolve(given, before[1]).get("content", {})
        new_content = resolve(new[status], after[1]).get("content", {})
        for media, content in old_content.items():
            if media not in new_content:
                yield Breakage(file, where, "response-media-type", f"there is no response of type {media} any more")
                continue
            compared = Comparison(after[1], before[1], response=True)
            gaps = compared.gaps(new_content[media].get("schema", {}), content.get("schema", {}))
            yield from described(gaps, "response-field", UNREADABLE, file, where)


def _access(file: str, where: str, before: Side, after: Side) -> Iterator[Breakage]:
    old, new = (_security(*side) for side in (before, after))
    if not all(any(other.keys() <= one.keys() for other in new) for one in old):
        yield Breakage(file, where, "access-token", "an access token is now required")
        return
    granted, grants = (tuple(side[0].get(ACCESS, ())) for side in (before, after))
    lost = [who for who in granted if not _covered(who, grants)]
    if lost and grants:
        yield Breakage(
            file, where, "access-narrowed", f"{', '.join(lost)} may no longer call it; now: {', '.join(grants)}"
        )
    elif grants and not granted and not {"public", "user"} & {*grants}:
        yield Breakage(file, where, "access-narrowed", f"only {', '.join(grants)} may call it now")


def _security(operation: Operation, document: Any) -> list[Mapping[str, Any]]:
    """Return alternative requirements; an empty one needs no token."""
    return list(operation.get("security", document.get("security")) or ()) or [{}]


def _covered(who: str, grants: tuple[str, ...]) -> bool:
    return who in grants or "public" in grants or ("user" in grants and who != "public")
