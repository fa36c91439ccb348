"""Build the plan of a resource: fields, constraints, access and events."""

from collections.abc import Iterable
from dataclasses import replace

from msgen.core.naming import Name
from msgen.description.access import fields_of
from msgen.description.constraint_notation import compared
from msgen.description.field_model import FieldSpec
from msgen.description.model import Description
from msgen.description.resource_model import ResourceSpec
from msgen.description.resources import resource_path
from msgen.planning.access import plan_access
from msgen.planning.constraints import Constraint
from msgen.planning.fields import Field, Reference
from msgen.planning.messages import Event
from msgen.planning.operation_builder import message_field
from msgen.planning.resources import Resource


def plan_resource(description: Description, service: str, name: str, events: tuple[Event, ...]) -> Resource:
    access = plan_access(description, service, name)
    spec = description.services[service].resources[name]
    specs = fields_of(description, service, name).items()
    fields = tuple(
        replace(resource_field(Name(f), s, service), owner=bool(access and access.owner == f)) for f, s in specs
    )
    return Resource(
        name=Name(name),
        service=Name(service),
        path=resource_path(name),
        fields=fields,
        events=tuple(e for e in events if e.service == service and e.resource == name and service in e.publishers),
        created_with=fields,
        access=access,
        rules=_names(spec.rules),
        constraints=_constraints(spec),
        constrained_with=_constraints(spec),
    )


def _constraints(spec: ResourceSpec) -> tuple[Constraint, ...]:
    lists = (f"{kind} {' '.join(names)}" for kind in ("unique", "index") for names in getattr(spec, kind))
    comparisons = (f"check {' '.join(compared(text))}" for text in spec.checks)
    return tuple(Constraint.parse(text) for text in (*lists, *comparisons))


def resource_field(name: Name, spec: FieldSpec, service: str) -> Field:
    reference = None
    if spec.references:
        target, resource = spec.references.split(".")
        reference = Reference(Name(target), Name(resource), remote=target != service)
    return replace(
        message_field(name, spec),
        default=spec.default,
        backfill=spec.backfill,
        unique=spec.unique,
        index=spec.index,
        reference=reference,
        read=_names(spec.read or ()),
        write=_names(spec.write or ()),
    )


def _names(names: Iterable[str]) -> tuple[Name, ...]:
    return tuple(Name(n) for n in names)
