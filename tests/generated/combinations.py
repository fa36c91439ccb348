"""Descriptions in which every two options of a service meet at least once."""

import itertools
from collections.abc import Iterator
from random import Random
from typing import Any

from msgen.packs.pack import builtin_root, load_pack

Options = dict[str, Any]

EVERY_TYPE: dict[str, Any] = {
    "a": "string",
    "label": "string?",
    "notes": "text",
    "contact": {"type": "email", "unique": True},
    "homepage": "url?",
    "token": "uuid",
    "amount": {"type": "integer", "min": 0, "max": 1000},
    "ratio": {"type": "number", "min": 0.5},
    "price": {"type": "decimal", "min": 0},
    "active": {"type": "boolean", "default": True},
    "born": "date",
    "due_at": "datetime?",
    "extra": "json?",
    "state": {"enum": ["new", "in-progress", "done"], "default": "new"},
    "kind": {"enum": ["big", "small"], "optional": True},
    "count": {"type": "integer", "default": 3},
    "greeting": {"type": "string", "default": 'say "hello"', "max": 40},
    "a_field_whose_name_is_as_long_as_allowed": {"type": "string", "min": 2, "max": 10, "unique": True},
}
MESSAGE = {"email": "email", "name": "string?", "total": "decimal", "at": "datetime", "tags": "json?"}

OPTIONS: dict[str, list[Any]] = {
    "language": sorted(load_pack(builtin_root()).languages),
    "peer": sorted(load_pack(builtin_root()).languages),
    "blueprint": [None, "auth", "mailer", "analytics"],
    "auth": [True, False],
    "database": ["postgres", "none"],
    "resources": ["none", "one", "wide", "related"],
    "calls": ["none", "peer", "reference"],
    "sends": [False, True],
    "consumes": [False, True],
    "publishes": ["none", "resource", "declared"],
    "subscribes": [False, True],
    "metrics": ["prometheus", "none"],
    "traces": ["none", "jaeger"],
    "discovery": ["dns", "consul", "eureka"],
    "names": ["short", "long"],
}


def _possible(o: Options) -> bool:
    """Whether these options make a description that is allowed."""
    return not any(
        [
            o["database"] == "none" and (o["resources"] != "none" or o["blueprint"] in ("auth", "analytics")),
            o["blueprint"] == "auth" and not o["auth"],
            o["blueprint"] == "mailer" and not o["consumes"],
            o["blueprint"] == "analytics" and not o["subscribes"],
            o["calls"] == "reference" and o["resources"] == "none",
            o["publishes"] == "resource" and o["resources"] == "none",
        ]
    )


def _pairs(options: Options) -> set[frozenset[tuple[str, Any]]]:
    return {frozenset(pair) for pair in itertools.combinations(options.items(), 2)}


def rows() -> Iterator[Options]:
    """Possible rows of options until none of many random ones holds a pair that is new."""
    random = Random(1)
    candidates = [{name: random.choice(values) for name, values in OPTIONS.items()} for _ in range(4000)]
    candidates = [row for row in candidates if _possible(row)]
    seen: set[frozenset[tuple[str, Any]]] = set()
    while True:
        best = max(candidates, key=lambda row: len(_pairs(row) - seen))
        if _pairs(best) <= seen:
            return
        seen |= _pairs(best)
        yield best


def combinations() -> Iterator[tuple[str, dict[str, Any]]]:
    """A readable name and a description for each combination."""
    for number, options in enumerate(rows()):
        said = [
            k if v is True else str(v) for k, v in options.items() if v not in (None, False, "none", "short", "dns")
        ]
        yield f"{number:02d}-{'-'.join(said)}"[:90], describe(options)


def describe(o: Options) -> dict[str, Any]:  # noqa: C901, PLR0912 - a branch an option
    """A system around one service that has the options."""
    long = o["names"] == "long"
    name = "a-service-with-the-longest-nam" if long else "a"
    queue_in, queue_out = (
        ("a-queue-whose-name-is-as-long-as-allowed", "another-queue-of-the-very-longest-length") if long else ("i", "o")
    )
    fact = "something.of-very-great-importance.has-happened-in-the-world" if long else "f.g"
    resource = "resource_whose_name_is_as_long_as_it_can" if long else "item"
    service: dict[str, Any] = {"language": o["language"], "database": o["database"]}
    peer: dict[str, Any] = {
        "language": o["peer"],
        "resources": {"thing": {"label": "string"}},
        "publishes": ["thing.created"],
    }
    queues, events = {}, {}
    services = {name: service, "peer": peer}

    if o["blueprint"]:
        service["blueprint"] = o["blueprint"]
    if o["auth"] and o["blueprint"] != "auth":
        services["identity"] = {"language": o["peer"], "blueprint": "auth"}

    fields = {"one": {"total": "decimal"}, "wide": dict(EVERY_TYPE), "related": {"label": "string"}}.get(o["resources"])
    if fields:
        service["resources"] = {resource: fields}
        if o["resources"] == "related":
            service["resources"]["part"] = {
                "whole_id": {"type": "uuid", "references": f"{name}.{resource}"},
                "size": "integer",
            }
    if o["calls"] != "none":
        service["calls"] = ["peer"]
    if o["calls"] == "reference" and fields:
        fields["thing_id"] = {"type": "uuid", "references": "peer.thing"}
        fields["other_thing_id"] = {"type": "uuid", "references": "peer.thing", "optional": True}

    account = {"email": "email", "name": "string", "user_id": "uuid"}
    if o["sends"]:
        queues[queue_out] = account if o["blueprint"] == "auth" else MESSAGE
        service["sends"] = [queue_out]
        peer["consumes"] = [queue_out]
    if o["consumes"]:
        queues[queue_in] = MESSAGE
        service["consumes"] = [queue_in]
        peer["sends"] = [queue_in]
    if o["publishes"] == "resource":
        service["publishes"] = [
            f"{resource.replace('_', '-')}.{action}" for action in ("created", "updated", "deleted")
        ]
    elif o["publishes"] == "declared":
        events[fact] = account if o["blueprint"] == "auth" else MESSAGE
        service["publishes"] = [fact]
    if o["subscribes"]:
        service["subscribes"] = ["thing.*"]
    elif o["publishes"] != "none":
        peer["subscribes"] = ["#"] if not events else [fact]
    described = {
        "msgen": 1,
        "name": "the-longest-name-of-any-system" if long else "s",
        "services": services,
        "discovery": o["discovery"],
        "observability": {"metrics": o["metrics"], "traces": o["traces"]},
    }
    if long:
        described["gateway"] = {"rate_limit": "5000/m", "cors": ["https://shop.example.com", "http://localhost:3000"]}
    return described | ({"queues": queues} if queues else {}) | ({"events": events} if events else {})
