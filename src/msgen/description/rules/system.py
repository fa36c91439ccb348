"""Lookups that the rules share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from msgen.description.event_patterns import matches
from msgen.description.field_model import FieldSpec, MessageField
from msgen.description.model import Description
from msgen.description.operations import declared_operations
from msgen.description.resources import resource_events
from msgen.description.source_map import Where
from msgen.description.vocabulary import Parts, Vocabulary


@dataclass(frozen=True)
class System:
    description: Description
    vocabulary: Vocabulary

    @property
    def languages(self) -> Mapping[str, Mapping[str, Any]]:
        return self.vocabulary.languages

    @cached_property
    def parts(self) -> Parts:
        services = self.description.services
        observability = self.description.observability
        messaging = any(s.sends or s.consumes or s.emitted or s.subscribes for s in services.values())
        return Parts(
            broker=self.description.broker if messaging else None,
            databases=tuple(name for name in services if self.database(name) != "none"),
            identity=self.description.identity is not None,
            mails=any(spec.blueprint == "mailer" for spec in services.values()),
            discovery=self.description.discovery,
            metrics=None if observability.metrics == "none" else observability.metrics,
            logs=None if observability.logs == "stdout" else observability.logs,
            traces=None if observability.traces == "none" else observability.traces,
        )

    def reason(self, kind: str, name: str) -> str:
        """Why a part of the system keeps a name of some kind for itself; empty if none does."""
        known = self.vocabulary.reserved.get(kind, {})
        return known.get(name) or next((known[p] for p in known if "*" in p and fnmatchcase(name, p)), "")

    @cached_property
    def resource_events(self) -> dict[str, tuple[str, str, str]]:
        """Service, resource and action of each event that needs no declaration."""
        return resource_events(self.description)

    @cached_property
    def published(self) -> frozenset[str]:
        """Existing events that some service publishes."""
        mentioned = {event for spec in self.description.services.values() for event in spec.emitted}
        return frozenset(mentioned & {*self.description.events, *self.resource_events})

    def language(self, service: str) -> str:
        return self.description.services[service].language or self.description.defaults.language

    def database(self, service: str) -> str:
        return self.description.services[service].database or self.description.defaults.database

    def reserving(self, kind: str, name: str, users: Callable[[], set[str]]) -> str:
        """Return the language of one of the services that reserves a name, or an empty string."""
        found = self._reserved.get((kind, name), frozenset())
        return min(found & {self.language(service) for service in users()}, default="") if found else ""

    @cached_property
    def _reserved(self) -> dict[tuple[str, str], frozenset[str]]:
        """Languages that reserve a (kind, name)."""
        found: dict[tuple[str, str], frozenset[str]] = {}
        for language, about in self.languages.items():
            for kind, names in (about.get("reserved") or {}).items():
                for name in names or ():
                    found[kind, name] = found.get((kind, name), frozenset()) | {language}
        return found

    def readers(self, event: str) -> set[str]:
        """Return the services that subscribe to an event."""
        services = self.description.services.items()
        return {name for name, spec in services if any(matches(p, event) for p in spec.subscribes)}

    def users_of_queue(self, queue: str) -> set[str]:
        services = self.description.services.items()
        return {name for name, spec in services if queue in (*spec.sends, *spec.consumes)}

    def users_of_event(self, event: str) -> set[str]:
        return self.readers(event) | {n for n, s in self.description.services.items() if event in s.emitted}

    def users_of_resource(self, service: str, resource: str) -> set[str]:
        """Return the services whose code has a type for it: owner, callers and subscribers."""
        events = (e for e, owner in self.resource_events.items() if owner[:2] == (service, resource))
        return self.users_of_operations(service) | {reader for event in events for reader in self.readers(event)}

    def users_of_operations(self, service: str) -> set[str]:
        """Return the services whose code has functions for its operations: the service and its callers."""
        return {service} | {name for name, spec in self.description.services.items() if service in spec.calls}

    @cached_property
    def resources(self) -> list[tuple[Where, str, str, Mapping[str, FieldSpec]]]:
        """Location, service, name and declared fields of each resource."""
        return [
            (("services", service, "resources", name), service, name, resource.fields)
            for service, spec in self.description.services.items()
            for name, resource in spec.resources.items()
        ]

    @cached_property
    def messages(self) -> list[tuple[Where, str, Mapping[str, MessageField]]]:
        """Location, name and fields of each queue and each declared event."""
        queues = [(("queues", name), name, fields) for name, fields in self.description.queues.items()]
        events = [(("events", name), name, fields) for name, fields in self.description.events.items()]
        return [*queues, *events]

    def users_of_message(self, where: Where) -> set[str]:
        name = str(where[1])
        return self.users_of_queue(name) if where[0] == "queues" else self.users_of_event(name)

    def fields(self) -> Iterator[tuple[Where, MessageField]]:
        """Yield location and spec of every field of resources, messages and inputs of operations."""
        for where, _, _, resource_fields in self.resources:
            yield from (((*where, "fields", name), spec) for name, spec in resource_fields.items())
        for where, _, message_fields in self.messages:
            yield from (((*where, name), spec) for name, spec in message_fields.items())
        for service in self.description.services:
            for operation in declared_operations(self.description, service):
                where = (*operation.where, "input")
                yield from (((*where, name), spec) for name, spec in operation.spec.input.items())
