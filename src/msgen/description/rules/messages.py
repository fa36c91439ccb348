"""Queues and events must be declared, and have both a producer and a consumer."""

import re
from collections.abc import Iterator

from msgen.core.errors import quoted
from msgen.core.suggestions import did_you_mean, one_of
from msgen.description.access import fields_of
from msgen.description.event_patterns import matches
from msgen.description.patterns import PATTERN
from msgen.description.publication import Publication
from msgen.description.resources import payload
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

LONGEST_PATTERN = 60


def queues(system: System) -> Iterator[Finding]:
    declared = system.description.queues
    services = system.description.services
    for name, spec in services.items():
        for key in ("sends", "consumes"):
            for number, queue in enumerate(getattr(spec, key)):
                if queue not in declared:
                    hint = one_of(
                        queue, declared, f"declare it under 'queues', such as `{quoted(queue)[1:-1]}: {{email: email}}`"
                    )
                    place: Where = ("services", name, key, number)
                    yield Finding(place, f"there is no queue {quoted(queue)}", hint, relies=(("queues", queue),))
    for queue in declared:
        yield from _ends(system, queue)


def _ends(system: System, queue: str) -> Iterator[Finding]:
    services = system.description.services
    where = ("queues", queue)
    sends, consumes = (("services", "*", "sends"),), (("services", "*", "consumes"),)
    senders = [name for name, spec in services.items() if queue in spec.sends]
    consumers = [name for name, spec in services.items() if queue in spec.consumes]
    for other in consumers[1:]:
        place: Where = ("services", other, "consumes", services[other].consumes.index(queue))
        message = f"{quoted(queue)} already has the consumer {consumers[0]}"
        yield Finding(place, message, "use an event if several services need the message")
    if not senders and not consumers:
        message = f"no service sends or consumes {quoted(queue)}"
        yield Finding(
            where, message, "remove it, or add it to the services that do", key=True, relies=(*sends, *consumes)
        )


def events(system: System) -> Iterator[Finding]:
    declared = system.description.events
    known = {*declared, *system.resource_events}
    for name, spec in system.description.services.items():
        own = [event for event in known if event in declared or system.resource_events[event][0] == name]
        for number, event in enumerate(spec.publishes):
            where = ("services", name, "publishes", number)
            relies = (("events", event), ("services", "*", "resources"))
            if event not in known:
                hint = one_of(
                    event, sorted(own), "declare it under 'events', such as `user.registered: {user_id: uuid}`"
                )
                yield Finding(where, f"there is no event {quoted(event)}", hint, relies=relies)
            elif event not in own:
                owner, resource, _ = system.resource_events[event]
                message = f"only {owner} publishes {quoted(event)}, since it owns the resource {quoted(resource)}"
                yield Finding(where, message, f"move it to `publishes` of {owner}")
            else:
                yield from _carried(system, event, (*where, event))
    for silent in declared:
        if silent not in system.published and silent not in system.resource_events:
            hint = f"add `publishes: [{silent}]` to the service that does, or remove it"
            publishes = ("services", "*", "publishes")
            message = f"no service publishes {quoted(silent)}"
            yield Finding(("events", silent), message, hint, key=True, relies=(publishes,))


def _carried(system: System, event: Publication, where: Where) -> Iterator[Finding]:
    """Check the fields that an event carries."""
    if event.fields is None:
        return
    if event in system.description.events:
        message = f"the fields of {quoted(event)} are declared under 'events'"
        yield Finding(where, message, f"write `{event}` without fields", key=True)
        return
    service, resource, action = system.resource_events[event]
    known = payload(fields_of(system.description, service, resource), action)
    for number, field in enumerate(event.fields):
        if field in event.fields[:number]:
            yield Finding((*where, number), f"{quoted(field)} is listed twice", "remove one of them")
        elif field not in known:
            relies = (("services", service, "resources", resource, "fields", field),)
            message = f"{quoted(event)} has no field {quoted(field)}"
            yield Finding((*where, number), message, one_of(field, known), relies=relies)


def subscriptions(system: System) -> Iterator[Finding]:
    known = sorted({*system.description.events, *system.resource_events})
    relies = (("events",), ("services", "*", "publishes"), ("services", "*", "resources"))
    for name, spec in system.description.services.items():
        for number, pattern in enumerate(spec.subscribes):
            where = ("services", name, "subscribes", number)
            if not re.fullmatch(PATTERN, pattern) or len(pattern) > LONGEST_PATTERN:
                hint = "write an event such as user.created, or a pattern such as 'user.*' or '#', in lower case"
                yield Finding(where, f"{quoted(pattern)} is neither an event nor a pattern", hint)
            elif not any(matches(pattern, event) for event in system.published):
                yield Finding(
                    where, f"no service publishes {_what(pattern)}", _publisher(system, pattern, known), relies=relies
                )


def _what(pattern: str) -> str:
    return f"an event that fits {quoted(pattern)}" if {"*", "#"} & {*pattern.split(".")} else quoted(pattern)


def _publisher(system: System, pattern: str, known: list[str]) -> str:
    silent = [event for event in known if matches(pattern, event)]
    for event in silent:
        if event in system.resource_events:
            owner = system.resource_events[event][0]
            return f"add `publishes: [{event}]` to {owner}"
        return f"add `publishes: [{event}]` to the service that does"
    near = did_you_mean(pattern, sorted(system.published))
    return near or "remove it, or declare and publish such an event"


RULES = (queues, events, subscriptions)
