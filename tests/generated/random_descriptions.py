"""Random descriptions that are valid: names, orders, optional parts and every type of field."""

import json
from random import Random
from typing import Any, get_args

from msgen.core.errors import UserError
from msgen.description.field_model import FieldType
from msgen.description.loader import describe
from msgen.description.yaml_reader import parse
from msgen.packs.pack import builtin_root, load_pack

SERVICES_TEXT = """
    app b2 b10 book-shop chassis client error-log event group http list main messages object order-desk
    orders people postgresql process request session settings sheep testing tests user web a-service-with-a-long-name
"""
RESOURCES_TEXT = """
    account app base box cart client column_set context database date_range datum error event field_value group handler
    http_log item item2 item10 message model news number object operation order page person problem query quiz record
    request response route row schema_version series session setting sheep status table_row task test text token
    transaction type_name user uuid_list value version_note a_resource_with_a_rather_long_name
"""
FIELDS_TEXT = """
    a aa amount args body client code cls column context count created data date day email end error event exists
    expires_at fields filter first_name float group has_it headers hour int is_new items key kind label length level
    limit_up list map max_size message min_size month name note number object option order order_by owner page password
    path plan position price process query rank record request required response result role row select series session
    set size start state status str string sum table text time title token total type uri url user user_id uuid value
    values where year z zone a_field_whose_name_is_as_long_as_allowed
"""
SERVICES, RESOURCES, FIELDS = (text.split() for text in (SERVICES_TEXT, RESOURCES_TEXT, FIELDS_TEXT))
WORDS = ["new", "done", "EUR", "In Progress", "3XX", "it's", 'say "hi"', "€ 5", "{{ x }}", "null", "a: b", "-"]
QUEUES = ["letter", "job", "resize-image", "q2", "a-queue-with-a-rather-long-name", "request", "event"]
EVENTS = ["account.opened", "day.ended", "something.of-importance.has-happened", "event.sent", "a.b2", "error.found"]
TYPES: tuple[str, ...] = get_args(FieldType)
ACCOUNT = {"email": "email", "name": "string?", "user_id": "uuid"}
EXAMPLES: dict[str, Any] = {
    "string": 'say "hello"',
    "text": "it's {{ x }} \\ ${y}",
    "email": "ann@example.com",
    "url": "https://example.com/a?b=c",
    "uuid": "0b9e6f5c-3f0e-4a52-8f67-2d1c5b7a9e10",
    "integer": 3,
    "number": 1.5,
    "decimal": "2.50",
    "boolean": True,
    "date": "2025-12-31",
    "datetime": "2025-12-31T12:00:00Z",
}
BOUNDS: dict[str, list[dict[str, Any]]] = {
    "string": [{"max": 40}, {"min": 2, "max": 20}],
    "text": [{"max": 1000}, {"min": 1}],
    "integer": [{"min": 0}, {"min": 1, "max": 5}, {"max": 100}],
    "number": [{"min": -1.5, "max": 90}, {"min": 0}],
    "decimal": [{"min": 0}, {"min": 0.5, "max": 1000}],
}


def description(seed: int) -> dict[str, Any]:
    random = Random(seed)
    while not valid(drawn := draw(random)):
        pass
    return drawn


def valid(data: dict[str, Any]) -> bool:
    try:
        describe(parse(json.dumps(data).encode(), "msgen.yaml"), load_pack(builtin_root()).vocabulary)
    except UserError:
        return False
    return True


def draw(random: Random) -> dict[str, Any]:
    services: dict[str, dict[str, Any]] = {
        name: {"language": random.choice(("python", "node")), "database": "postgres"}
        for name in random.sample(SERVICES, random.randint(3, 4))
    }
    names, words = list(services), random.sample(RESOURCES, len(RESOURCES))
    for name, blueprint in zip(random.sample(names, 2), ("auth", random.choice(["mailer", "analytics"])), strict=True):
        if random.random() < 0.5:
            services[name]["blueprint"] = blueprint
    made: list[str] = []
    for number, name in enumerate(names):
        if services[name].get("blueprint") != "mailer" and (number < 2 or random.random() < 0.7):
            add_resources(random, services, name, [words.pop() for _ in range(random.randint(1, 3))], made)
    queues, events = add_queues(random, services), add_events(random, services)
    data = {
        "msgen": 1,
        "name": random.choice(["s", "the-longest-name-of-any-system", "x2"]),
        "discovery": random.choice(["dns", "dns", "consul", "eureka"]),
        "observability": {
            "metrics": random.choice(["prometheus", "none"]),
            "logs": random.choice(["stdout", "elk"]),
            "traces": random.choice(["none", "jaeger"]),
        },
        "queues": queues,
        "events": events,
        "services": dict(random.sample(sorted(services.items()), len(services))),
    }
    return {key: value for key, value in data.items() if value}


def add_resources(
    random: Random, services: dict[str, dict[str, Any]], name: str, resources: list[str], made: list[str]
) -> None:
    """Add resources that refer to some of those made before."""
    service = services[name]
    for resource in resources:
        fields = {field: field_spec(random) for field in random.sample(FIELDS, random.randint(1, 9))}
        for target in random.sample(made, min(len(made), random.randint(0, 2))):
            called, _, other = target.partition(".")
            if called != name and called not in service.setdefault("calls", []):
                service["calls"].append(called)
            fields[f"{other[:30].rstrip('_')}_id"] = {
                "type": "uuid",
                "references": target,
                "optional": random.random() < 0.5,
                "unique": random.random() < 0.2,
            }
        shuffled = random.sample(sorted(fields.items()), len(fields))
        service.setdefault("resources", {})[resource] = dict(shuffled)
        made.append(f"{name}.{resource}")


def field_spec(random: Random) -> dict[str, Any]:
    spec = message_field(random)
    if spec.get("optional"):
        return spec
    kind = spec.get("type", "enum")
    if random.random() < 0.25 and kind not in ("boolean", "json", "text", "enum"):
        return {**spec, "unique": True}
    if random.random() < 0.4 and kind != "json" and not spec.keys() & {"min", "max"}:
        return {**spec, "default": spec["enum"][-1] if kind == "enum" else EXAMPLES[kind]}
    return spec


def message_field(random: Random) -> dict[str, Any]:
    kind = random.choice((*TYPES, "enum"))
    spec: dict[str, Any] = {"type": kind}
    if kind == "enum":
        spec = {"enum": random.sample(WORDS, random.randint(1, 4))}
    elif kind in BOUNDS and random.random() < 0.4:
        spec |= random.choice(BOUNDS[kind])
    return {**spec, "optional": True} if random.random() < 0.3 else spec


def message(random: Random, sender: dict[str, Any]) -> dict[str, Any]:
    if sender.get("blueprint") == "auth":
        return dict(ACCOUNT)
    fields = {field: message_field(random) for field in random.sample(FIELDS, random.randint(1, 6))}
    return {"email": {"type": "email"}, **{name: spec for name, spec in fields.items() if name != "email"}}


def add_queues(random: Random, services: dict[str, dict[str, Any]]) -> dict[str, Any]:
    queues = {}
    mailers = [name for name, spec in services.items() if spec.get("blueprint") == "mailer"]
    for queue in random.sample(QUEUES, max(len(mailers), random.randint(0, 3))):
        sender, consumer = random.choice([*services]), (mailers or [random.choice([*services])])[0]
        services[sender].setdefault("sends", []).append(queue)
        services[consumer].setdefault("consumes", []).append(queue)
        queues[queue] = message(random, services[sender])
    return queues


def add_events(random: Random, services: dict[str, dict[str, Any]]) -> dict[str, Any]:
    events, published = {}, []
    for event in random.sample(EVENTS, random.randint(0, 2)):
        publisher = random.choice([*services])
        services[publisher].setdefault("publishes", []).append(event)
        events[event] = message(random, services[publisher])
        published.append(event)
    for service in services.values():
        for resource in service.get("resources", {}):
            facts = [f"{resource.replace('_', '-')}.{action}" for action in ("created", "updated", "deleted")]
            chosen = random.sample(facts, random.choice([0, 1, 3]))
            service.setdefault("publishes", []).extend(chosen)
            published += chosen
    for service in services.values():
        if published and (service.get("blueprint") == "analytics" or random.random() < 0.4):
            patterns = {"#", *published, *(f"{event.partition('.')[0]}.#" for event in published)}
            service["subscribes"] = random.sample(sorted(patterns), random.randint(1, min(3, len(patterns))))
    return events
