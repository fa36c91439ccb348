"""The broker's definitions: queues whose settings can change, and rights that are the arrows of the description."""

import json
import re
from typing import Any

import pytest

from msgen.planning.plan import Plan

from .test_kubernetes import DESCRIPTIONS, System, make

RETRIES = 3


@pytest.fixture(params=["02-shop", "04-marketplace"])
def shop(request: pytest.FixtureRequest, tmp_path: Any) -> System:
    return make(DESCRIPTIONS[request.param], tmp_path / "made")


def definitions(system: System) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads((system.root / "rabbitmq/definitions.json").read_text())
    return found


def received(plan: Plan) -> dict[str, str]:
    """Queue -> the service that receives from it."""
    work = {str(q.name): str(q.consumer) for q in plan.queues}
    return work | {f"{s.name}.events": str(s.name) for s in plan.services if s.patterns}


def test_what_may_change_of_a_queue_is_in_its_policy(shop: System) -> None:
    found = definitions(shop)
    families = received(shop.plan)
    suffixes = ["", ".dead", *(f".retry.{number}" for number in range(1, RETRIES + 1))]
    assert {q["name"] for q in found["queues"]} == {name + suffix for name in families for suffix in suffixes}
    assert all(q["arguments"] == {"x-queue-type": "quorum"} for q in found["queues"])
    for queue in found["queues"]:
        matching = [p for p in found["policies"] if re.search(p["pattern"], queue["name"])]
        assert len(matching) == (not queue["name"].endswith(".dead")), queue


def test_rights_are_the_arrows_of_the_description(shop: System) -> None:
    found = definitions(shop)
    queues, exchanges = ({row["name"] for row in found[key]} for key in ("queues", "exchanges"))
    topics = {t["user"]: t for t in found["topic_permissions"]}
    assert all(user["tags"] == "" for user in found["users"])
    assert {u["name"] for u in found["users"]} == {
        f"{shop.plan.name}.{s.name}" for s in shop.plan.services if s.messaging
    }
    names = queues | exchanges | {str(e.name) for e in shop.plan.events} | {"amq.default", "amq.topic", ""}

    def allowed(pattern: str) -> set[str]:
        return {name for name in names if re.search(pattern, name)} - {""}

    for rights in found["permissions"]:
        service = shop.plan.service(rights["user"].partition(".")[2])
        assert allowed(rights["configure"]) == set()
        assert allowed(rights["read"]) == {
            queue for queue, owner in received(shop.plan).items() if owner == service.name
        }
        assert allowed(rights["write"]) == {f"{service.name}.out"} | ({"events"} if service.publishes else set())
        assert allowed(topics[rights["user"]]["write"]) == {str(e.name) for e in service.publishes}
        reached = {b["destination"] for b in found["bindings"] if b["source"] == f"{service.name}.out"}
        own = {queue for queue in queues if any(queue.startswith(f"{name}.") for name in allowed(rights["read"]))}
        assert reached == own - allowed(rights["read"]) | {str(q.name) for q in service.sends}
