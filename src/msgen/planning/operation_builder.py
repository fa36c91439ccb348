"""Plan the operations of a service."""

from collections.abc import Iterable, Mapping

from msgen.core.naming import Name
from msgen.description.access import granted, owner_field, roles
from msgen.description.field_model import MAX_ITEMS, MessageField
from msgen.description.model import Description
from msgen.description.operation_model import FILE, OutputSpec, parameters
from msgen.description.operations import Declared, callers_of, declared_operations
from msgen.planning.access import Expectation, callers, calling_services, outcome, tested_services
from msgen.planning.fields import Field
from msgen.planning.messages import Event
from msgen.planning.operations import Operation, Output
from msgen.planning.resources import Resource


def plan_operations(
    description: Description, service: str, resources: tuple[Resource, ...], events: tuple[Event, ...]
) -> tuple[Operation, ...]:
    """Return the operations of a service and its resources; those without parameters in the path come first."""
    named = {str(resource.name): resource for resource in resources}
    found = (_operation(description, d, named, events) for d in declared_operations(description, service))
    return tuple(sorted(found, key=lambda o: ("{" in o.path, o.path, o.method)))


def message_field(name: str, spec: MessageField) -> Field:
    if spec.list:
        item = message_field(f"{name}_item", spec.model_copy(update={"list": False, "optional": False}))
        return Field(Name(name), "list", spec.optional, item=item, max_items=spec.max_items or MAX_ITEMS)
    return Field(
        name=Name(name),
        type="enum" if spec.enum else spec.type,
        optional=spec.optional,
        enum=spec.enum,
        min=spec.min,
        max=spec.max,
    )


def message_fields(specs: Mapping[str, MessageField]) -> tuple[Field, ...]:
    return tuple(message_field(name, spec) for name, spec in specs.items())


def _operation(
    description: Description, declared: Declared, resources: Mapping[str, Resource], events: tuple[Event, ...]
) -> Operation:
    spec = declared.spec
    in_path = [name for name in parameters(declared.path) if not (declared.row and name == "id")]
    rest = message_fields({name: field for name, field in spec.input.items() if name not in in_path})
    published = {str(event) for event in spec.publishes}
    return Operation(
        name=Name(declared.name),
        full_name=declared.full_name,
        description=spec.description,
        service=Name(declared.service),
        resource=resources.get(declared.resource),
        row=declared.row,
        method=spec.method.upper(),
        path=declared.served_path,
        parameters=tuple(
            message_field(name, spec.input[name]) if name in spec.input else Field(Name(name), "string")
            for name in in_path
        ),
        query=() if spec.with_body else rest,
        body=rest if spec.with_body else (),
        output=_output(spec.output, resources) if spec.output else None,
        access=_names(callers_of(description, declared)) if description.has_accounts else None,
        publishes=tuple(event for event in events if str(event.name) in published),
        expectations=_expectations(description, declared) if description.has_accounts else (),
        service_expectations=_service_expectations(description, declared) if description.has_accounts else (),
    )


def _output(spec: OutputSpec, resources: Mapping[str, Resource]) -> Output:
    if spec.name == FILE:
        return Output(file=True)
    return Output(resource=resources.get(spec.name), fields=message_fields(spec.fields), many=spec.many)


def _expectations(description: Description, declared: Declared) -> tuple[Expectation, ...]:
    access, owner, readers = _names(callers_of(description, declared)), False, None
    if declared.row:
        resource = description.services[declared.service].resources[declared.resource]
        readers = _names(granted(description, resource)["read"])
        owner = bool(owner_field(description, resource))
    known = callers(_names(roles(description)), owner=owner)
    return tuple(Expectation(caller, declared.full_name, outcome(caller, access, readers)) for caller in known)


def _service_expectations(description: Description, declared: Declared) -> tuple[Expectation, ...]:
    calling = calling_services(description, declared.service)
    return tuple(
        Expectation(client, declared.full_name, "allowed" if client in calling else "403")
        for client in tested_services(description, declared.service)
    )


def _names(names: Iterable[str]) -> tuple[Name, ...]:
    return tuple(Name(name) for name in names)
