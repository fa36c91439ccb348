"""The server allows as many connections as the pools of all replicas open."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from .test_kubernetes import SHOP, System, make

POOL = 10


@pytest.fixture(params=[1, 3, 9])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> System:
    scale = {"replicas": request.param, "autoscale": {"max": 2 * request.param}}
    description: dict[str, Any] = {**SHOP, "deploy": {"kubernetes": scale}}
    return make(description, tmp_path / "made")


def opened(system: System, replicas: str) -> int:
    """Connections of all pools during the update of every service."""
    return sum(POOL * (getattr(s.scale, replicas) + 1) for s in system.plan.databases)


def test_connections_follow_the_replicas(system: System) -> None:
    compose = yaml.safe_load((system.root / "compose.yaml").read_text())["services"]["postgres"]["command"]
    (server,) = (o for o in system.of("dev", "StatefulSet") if o["metadata"]["name"] == "postgres")
    started = server["spec"]["template"]["spec"]["containers"][0]["args"]
    for command in (compose, started):
        allowed = int(command[-1].removeprefix("max_connections="))
        assert opened(system, "replicas") + 20 <= allowed <= max(100, 2 * (opened(system, "replicas") + 20))
    cluster = yaml.safe_load(
        (system.root / "deploy/kubernetes/components/cloudnative-pg/cluster.yaml").read_text(),
    )["spec"]
    allowed = int(cluster["postgresql"]["parameters"]["max_connections"])
    assert opened(system, "max_replicas") + 20 <= allowed <= 2 * (opened(system, "max_replicas") + 20)
    assert int(cluster["resources"]["limits"]["memory"].removesuffix("Gi")) >= allowed / 200


def test_pools_are_as_large_as_budgeted(system: System) -> None:
    pools = re.compile(r"POOL_SIZE = (\d+)|\bmax: (\d+)")
    for service in system.plan.databases:
        files = (system.root / "services" / service.name / "chassis").glob("database.*")
        (found,) = (match for file in files for match in pools.findall(file.read_text()))
        assert int("".join(found)) == POOL
