"""Host ports and gateway paths must be unique."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgen.core.errors import quoted
from msgen.description.resources import resource_path
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System

if TYPE_CHECKING:
    from msgen.description.source_map import Where

HIGHEST_PORT = 65535
OWN_PATHS = ("/docs", "/health", "/metrics")
"""Built-in paths of every service."""


def ports(system: System) -> Iterator[Finding]:
    services = system.description.services
    taken = dict(system.vocabulary.ports(system.parts))
    wanted: list[tuple[Where, int | None, str]] = [
        (("gateway", "port"), system.description.gateway.port, "the gateway")
    ]
    wanted += [(("services", name, "port"), spec.port, name) for name, spec in services.items()]
    for where, port, owner in wanted:
        if port is None:
            continue
        if port in taken:
            # The gateway's port may be the default, which has no location in the file.
            yield Finding(where, f"port {port} is already used by {taken[port]}", "choose another port")
        taken.setdefault(port, owner)


def origins(system: System) -> Iterator[Finding]:
    for number, origin in enumerate(system.description.gateway.cors):
        port = origin.rpartition(":")[2]
        if port.isdigit() and not 1 <= int(port) <= HIGHEST_PORT:
            yield Finding(("gateway", "cors", number), f"port {port} is out of range", "ports are 1 to 65535")


def paths(system: System) -> Iterator[Finding]:
    services = system.description.services
    taken = {f"/{name}": (name, "") for name in services}
    for where, service, resource, _ in system.resources:
        path = resource_path(resource)
        owner, other = taken.get(path, (service, ""))
        subject = f"the path of {quoted(resource)}, {path},"
        if path in OWN_PATHS:
            yield Finding(where, f"{subject} is a built-in path of every service", "rename the resource", key=True)
        elif owner != service:
            what = f"the resource {quoted(other)} of {owner}" if other else f"the service {quoted(owner)}"
            yield Finding(where, f"{subject} is already the path of {what}", "rename one of them", key=True)
        elif other:
            message = f"{quoted(resource)} and {quoted(other)} have the same plural: {path}"
            yield Finding(where, message, "rename one of them; resources are named in the singular", key=True)
        elif path in taken and services[service].blueprint in ("auth", "analytics"):
            hint = "rename the resource or the service"
            yield Finding(where, f"{subject} is already a path of the blueprint of {service}", hint, key=True)
        else:
            taken[path] = (service, resource)


RULES = (ports, origins, paths)
