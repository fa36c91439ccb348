"""Biome has nothing to change in generated Node.js services, whatever names there are and in which order."""

import random
from pathlib import Path
from typing import Any

import pytest

from .conftest import generate
from .test_node import node_services, node_tools, run

__all__ = ["node_tools"]

NAMES = ["users", "books", "book-shop", "b2", "b10", "a-service-with-a-long-name", "zoo"]
RESOURCES = ["person", "volume", "book_copy", "item2", "item10", "a_resource_with_a_long_name", "zebra"]


def description(seed: int) -> dict[str, Any]:
    chosen = random.Random(seed)
    names = chosen.sample(NAMES, len(NAMES))
    resources = dict(zip(names, RESOURCES, strict=True))
    published = {
        name: [f"{resource.replace('_', '-')}.{action}" for action in ("created", "updated", "deleted")]
        for name, resource in resources.items()
    }
    events = [event for names in published.values() for event in names]
    services: dict[str, Any] = {
        name: {"resources": {resources[name]: {"label": "string"}}, "publishes": published[name]} for name in names
    }
    called = chosen.sample(names, len(names))
    references = {
        f"{resources[name]}_id": {"type": "uuid", "references": f"{name}.{resources[name]}"} for name in called
    }
    services["caller"] = {
        "calls": called,
        "subscribes": chosen.sample(events, len(events)),
        "resources": {"call": references},
    }
    return {"msgen": 1, "name": "made", "defaults": {"language": "node", "database": "postgres"}, "services": services}


@pytest.mark.parametrize("seed", range(2))
def test_names_and_orders(seed: int, tmp_path: Path, node_tools: Any) -> None:
    root = generate(description(seed), tmp_path)
    for service in node_services(root, node_tools):
        run(service, node_tools, "npm", "run", "--silent", "lint")
