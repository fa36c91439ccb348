"""Descriptions of small systems that together cover every pair of options of a service.

`make test` takes a sample of them, in which every option meets every language; `make test-all` takes all.
"""

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

import pytest

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
    "tags": {"type": "string[]", "max_items": 5, "max": 30},
    "sizes": {"enum": ["s", "m"], "list": True},
    "sizes_item": {"enum": ["l", "xl"], "default": "l"},
    "prices": {"type": "decimal", "list": True, "min": 0},
    "times": ["datetime"],
    "kind": {"enum": ["big", "small"], "optional": True},
    "count": {"type": "integer", "default": 3},
    "greeting": {"type": "string", "default": 'say "hello"', "max": 40},
    "a_field_whose_name_is_as_long_as_allowed": {"type": "string", "min": 2, "max": 10, "unique": True},
}
CONSTRAINTS: dict[str, Any] = {
    "unique": ["a", "born"],
    "index": [["kind", "created_at"], ["a_field_whose_name_is_as_long_as_allowed", "homepage"]],
    "checks": ["amount <= count", "price >= ratio"],
}
MESSAGE = {
    "email": "email",
    "name": "string?",
    "total": "decimal",
    "at": "datetime",
    "tags": "json?",
    "amounts": ["decimal"],
}

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


def _with_language(options: Options) -> set[tuple[str, tuple[str, Any]]]:
    return {(options["language"], option) for option in options.items()}


def _cover(rows: list[Options], goals: Callable[[Options], set[Any]]) -> Iterator[int]:
    """Indexes of rows that together reach every goal that some row reaches, chosen greedily."""
    reached = [goals(row) for row in rows]
    missing = set().union(*reached)
    while missing:
        best = max(range(len(rows)), key=lambda index: len(reached[index] & missing))
        missing -= reached[best]
        yield best


@cache
def _rows() -> list[Options]:
    """Return a pairwise cover of the options, chosen from random candidates."""
    random = Random(1)
    candidates = [{name: random.choice(values) for name, values in OPTIONS.items()} for _ in range(4000)]
    candidates = [row for row in candidates if _possible(row)]
    return [candidates[index] for index in _cover(candidates, _pairs)]


@cache
def _sample() -> list[int]:
    return list(_cover(_rows(), _with_language))


def _title(number: int, options: Options) -> str:
    shown = [k if v is True else str(v) for k, v in options.items() if v not in (None, False, "none", "short", "dns")]
    return f"{number:02d}-{'-'.join(shown)}"[:90]


def sample() -> list[Options]:
    """Return a few rows in which each option is there in each language."""
    return [_rows()[index] for index in _sample()]


@cache
def combinations() -> dict[str, dict[str, Any]]:
    """Return a description for each combination, by a readable name."""
    return {_title(number, options): describe(options) for number, options in enumerate(_rows())}


def chosen(wanted: Callable[[str], bool] = bool) -> list[Any]:
    """Return the names of combinations as parameters of a test; those outside of the sample are marked `thorough`."""
    sample = set(_sample())
    return [
        pytest.param(name, marks=() if number in sample else pytest.mark.thorough)
        for number, name in enumerate(combinations())
        if wanted(name)
    ]


def described(description: dict[str, Any]) -> str:
    """Return the name of the service that has the options."""
    return next(iter(description["services"]))


def _add_messages_of_accounts(o: Options, services: Options, queues: Options, events: Options) -> None:
    """Let the auth service mail tokens, and publish the deletion of accounts."""
    service, peer = services.values()
    if o["sends"] or o["publishes"] == "none":
        for queue in ("password-reset", "verify-email"):
            queues[queue] = {"email": "email", "token": "string"}
            service.setdefault("sends", []).append(queue)
            peer.setdefault("consumes", []).append(queue)
    if o["publishes"] == "declared":
        events["account.deleted"] = {"user_id": "uuid", "created_at": "datetime"}
        service["publishes"].append("account.deleted")


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
        wide = o["resources"] == "wide"
        service["resources"] = {resource: {"fields": fields, **CONSTRAINTS} if wide else fields}
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
    if o["blueprint"] == "auth":
        _add_messages_of_accounts(o, services, queues, events)
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
