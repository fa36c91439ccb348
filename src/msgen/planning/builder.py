"""Build the plan of a description: ports, routes, URLs, variables, payloads, senders and receivers."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgen.core.naming import Name
from msgen.description.access import fields_of, roles
from msgen.description.event_patterns import matches
from msgen.description.field_model import FieldSpec
from msgen.description.model import Description
from msgen.description.resources import resource_events
from msgen.planning.access import calling_services, readers_of_statistics
from msgen.planning.deployment import Gateway, Route
from msgen.planning.fields import Field
from msgen.planning.identity import plan_identity
from msgen.planning.jobs import plan_jobs
from msgen.planning.messages import Event, Queue
from msgen.planning.operation_builder import message_fields, plan_operations
from msgen.planning.operations import Operation
from msgen.planning.plan import SERVICE_PORT, Plan
from msgen.planning.resource_builder import plan_resource
from msgen.planning.resources import Resource
from msgen.planning.scaling import plan_deploy, service_scale
from msgen.planning.service import Call, Service
from msgen.planning.settings import plan_settings

if TYPE_CHECKING:
    from msgen.description.publication import Publication


def make_plan(description: Description) -> Plan:
    """Resolve a validated description; `description.rules` guarantees the assumptions made here.

    Services, queues and events are sorted: additions on two branches are then rarely in the same place of a file.
    """
    specs = description.services
    resources_of = {name: tuple(spec.resources) for name, spec in specs.items()}
    events = tuple(_events(description))
    queues = tuple(_queue(description, name) for name in sorted(description.queues))
    messaging = any(s.sends or s.consumes or s.emitted or s.subscribes for s in specs.values())
    resources = {name: tuple(plan_resource(description, name, r, events) for r in resources_of[name]) for name in specs}
    operations = {name: plan_operations(description, name, resources[name], events) for name in specs}
    services = tuple(_service(description, name, (resources, operations), (queues, events)) for name in sorted(specs))
    return Plan(
        name=Name(description.name),
        description=description.description,
        broker=description.broker if messaging else None,
        gateway=_gateway(description, services),
        services=services,
        roles=_names(roles(description)),
        identity=plan_identity(description),
        queues=queues,
        events=events,
        secrets=(),
        deploy=plan_deploy(description.deploy, services),
        discovery=description.discovery,
        metrics=_unless(description.observability.metrics, "none"),
        logs=_unless(description.observability.logs, "stdout"),
        traces=_unless(description.observability.traces, "none"),
    )


def _unless(value: str, nothing: str) -> str | None:
    return None if value == nothing else value


def _events(description: Description) -> list[Event]:
    """Return declared events and published events of resources."""
    implicit = resource_events(description)
    found = []
    published: dict[str, Publication] = {e: e for spec in description.services.values() for e in spec.emitted}
    for name in sorted({*description.events, *published}):
        service, resource, action = (None, None, None)
        if name in description.events:
            fields = message_fields(description.events[name])
        else:
            service, resource, action = implicit[name]
            fields = resource_payload(fields_of(description, service, resource), action)
            if (carried := published[name].fields) is not None:
                fields = tuple(f for f in fields if f.name in ("id", *carried))
        found.append(
            Event(
                name=Name(name),
                fields=fields,
                service=Name(service) if service else None,
                resource=Name(resource) if resource else None,
                action=action,
                publishers=_names(s for s, spec in description.services.items() if name in spec.emitted),
                subscribers=_names(
                    s for s, spec in description.services.items() if any(matches(p, name) for p in spec.subscribes)
                ),
            )
        )
    return found


def resource_payload(specs: Mapping[str, FieldSpec], action: str) -> tuple[Field, ...]:
    """Return the payload of a resource event: the resource as in its API, or only the id of a deleted one."""
    identity = Field(Name("id"), "uuid")
    if action == "deleted":
        return (identity,)
    stamps = (
        Field(Name("version"), "integer"),
        Field(Name("created_at"), "datetime"),
        Field(Name("updated_at"), "datetime"),
    )
    return (identity, *message_fields(specs), *stamps)


def _queue(description: Description, name: str) -> Queue:
    specs = description.services.items()
    return Queue(
        name=Name(name),
        fields=message_fields(description.queues[name]),
        senders=_names(s for s, spec in specs if name in spec.sends),
        consumer=next((Name(s) for s, spec in specs if name in spec.consumes), None),
    )


def _service(
    description: Description,
    name: str,
    apis: tuple[dict[str, tuple[Resource, ...]], dict[str, tuple[Operation, ...]]],
    messages: tuple[tuple[Queue, ...], tuple[Event, ...]],
) -> Service:
    resources, operations = apis
    queues, events = messages
    spec = description.services[name]
    database = spec.database or description.defaults.database
    return Service(
        name=Name(name),
        description=spec.description,
        language=spec.language or description.defaults.language,
        blueprint=spec.blueprint,
        database=None if database == "none" else database,
        port=spec.port,
        resources=resources[name],
        operations=operations[name],
        calls=tuple(_call(other, resources[other], operations[other]) for other in spec.calls),
        sends=tuple(q for q in queues if q.name in spec.sends),
        consumes=tuple(q for q in queues if q.name in spec.consumes),
        publishes=tuple(e for e in events if name in e.publishers),
        patterns=spec.subscribes,
        subscribes=tuple(e for e in events if name in e.subscribers),
        variables=(),
        authenticates=description.has_accounts
        and (bool(spec.resources or spec.operations) or spec.blueprint in ("auth", "analytics")),
        callers=calling_services(description, name),
        identified=description.has_accounts and not description.identity and bool(spec.calls),
        scale=service_scale(spec.kubernetes, description.deploy.kubernetes),
        jobs=plan_jobs(spec.jobs),
        settings=plan_settings(name, spec.settings),
        stats_access=_names(readers_of_statistics(description)) if spec.blueprint == "analytics" else (),
    )


def _call(name: str, resources: tuple[Resource, ...], operations: tuple[Operation, ...]) -> Call:
    return Call(
        name=Name(name),
        url=f"http://{name}:{SERVICE_PORT}",
        variable=Name(f"{Name(name).constant}_URL"),
        resources=resources,
        operations=operations,
    )


def _gateway(description: Description, services: tuple[Service, ...]) -> Gateway:
    rate, _, unit = description.gateway.rate_limit.partition("/")
    return Gateway(
        port=description.gateway.port,
        rate=int(rate),
        rate_seconds={"s": 1, "m": 60, "h": 3600}[unit],
        cors=description.gateway.cors,
        public_operations=tuple(o for s in services for o in s.operations if o.public),
        routes=tuple(sorted(_routes(services, description.has_accounts), key=lambda r: (-len(r.prefix), r.prefix))),
    )


def _routes(services: tuple[Service, ...], authenticated: bool) -> list[Route]:
    """Return routes for service prefixes, resources, and the public paths of the auth service."""
    auth = next((s for s in services if s.blueprint == "auth"), None)
    found = {}
    for service in services:
        prefix = f"/{service.name}"
        found[prefix] = Route(prefix, service.name, authenticated=authenticated)
        for resource in service.resources:
            public = resource.access.public_methods if resource.access else ()
            found[resource.path] = Route(
                resource.path, service.name, authenticated=authenticated, public_methods=public
            )
        for operation in service.operations:
            prefix = f"/{operation.path.split('/')[1]}"
            found.setdefault(prefix, Route(prefix, service.name, authenticated=authenticated))
    if auth:
        actions = ["register", "login", "refresh", "logout"]
        actions += ["password-reset", "password-reset/confirm"] if auth.messages_on("reset") else []
        actions += ["verify-email"] if auth.messages_on("verification") else []
        for action in actions:
            path = f"/{auth.name}/{action}"
            found[path] = Route(path, auth.name, exact=True, authenticated=False)
        for document in ("jwks", "revoked"):
            path = f"/.well-known/{document}.json"
            found[path] = Route(path, auth.name, exact=True, authenticated=False)
    return list(found.values())


def _names(names: Iterable[str]) -> tuple[Name, ...]:
    return tuple(Name(n) for n in names)
