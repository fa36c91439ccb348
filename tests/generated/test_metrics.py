"""What services tell Prometheus: the same in both languages, and nothing where nobody asks."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import EXAMPLES, generate
from .nodejs import NodeTools
from .test_node import example, in_language, node_services, node_tools, run

__all__ = ["node_tools"]

# A service of each kind: with and without a database, that calls, sends, publishes and receives.
SHOP = example("02-shop")
DESCRIPTION: dict[str, Any] = SHOP | {
    "services": SHOP["services"] | {"letters": {"database": "none", "publishes": ["user.registered"]}},
}

PROCESS = {
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
}
OF_THE_LANGUAGE = re.compile("process_|python_|nodejs_")

OF_KUBERNETES = re.compile(r"^  metrics:$|metrics\\?\.k8s\\?\.io|the metrics API for autoscalers|metrics-server")
"""Metrics of autoscalers, which are not the services' own metrics."""

NODE = """
import { readdir } from "node:fs/promises";
for (const file of await readdir("chassis", { recursive: true })) {
  if (file.startsWith("metrics/")) await import(`./chassis/${file}`);
}
await import("./chassis/database.ts").then(
  ({ connectDatabase }) => connectDatabase(),
  (error) => { if (error.code !== "ERR_MODULE_NOT_FOUND") throw error; },
);
const { registry } = await import("./chassis/metrics/registry.ts");
const metrics = registry.getMetricsAsArray().map(({ name, labelNames }) => [name, [...labelNames].sort()]);
console.log(JSON.stringify(metrics));
process.exit(0);
"""
PYTHON = """
import importlib, json, pytest
from pathlib import Path
from chassis.testing import plugin as conftest
with pytest.MonkeyPatch.context() as patch:
    for name, value in conftest.ENVIRONMENT.items():
        patch.setenv(name, value)
    paths = Path("chassis/metrics").glob("[a-z]*.py")
    modules = [importlib.import_module(f"chassis.metrics.{path.stem}") for path in paths]
    from prometheus_client import REGISTRY, Counter
    from prometheus_client.metrics import MetricWrapperBase
    found = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, MetricWrapperBase):
                found[value._name + ("_total" if isinstance(value, Counter) else "")] = sorted(value._labelnames)
        if hasattr(module, "PoolCollector"):
            from sqlalchemy.ext.asyncio import create_async_engine
            collector = module.PoolCollector(create_async_engine("postgresql+asyncpg://localhost"))
            found |= {family.name: sorted(family._labelnames) for family in collector.collect()}
    found |= {sample.name: [] for family in REGISTRY.collect() for sample in family.samples if "process" in sample.name}
    print(json.dumps(list(found.items())))
"""


def declared(language: str, folder: Path, node: NodeTools, python: Path) -> dict[str, dict[str, list[str]]]:
    """Service -> metric -> labels."""
    folder.mkdir()
    root = generate(in_language(DESCRIPTION, language), folder)
    if language == "node":
        command: tuple[str | Path, ...] = (
            "node",
            "--import",
            "./chassis/testing/setup.ts",
            "--input-type=module",
            "-e",
            NODE,
        )
        services = node_services(root, node)
    else:
        command = (python / "python", "-c", PYTHON)
        services = sorted(root.glob("services/*"))
    return {service.name: dict(json.loads(run(service, node, *command))) for service in services}


def test_both_languages_have_the_same_metrics(tmp_path: Path, node_tools: NodeTools, python_tools: Path) -> None:
    found = {name: declared(name, tmp_path / name, node_tools, python_tools) for name in ("python", "node")}
    for service, metrics in found["python"].items():
        own = {name: labels for name, labels in metrics.items() if not OF_THE_LANGUAGE.match(name)}
        others = {n: labels for n, labels in found["node"][service].items() if not OF_THE_LANGUAGE.match(n)}
        assert own == others, service
        assert metrics.keys() >= PROCESS
        assert found["node"][service].keys() >= PROCESS
    assert found["python"]["orders"].keys() >= {
        "db_client_connection_count",
        "http_client_request_duration_seconds",
        "http_server_request_duration_seconds",
        "messaging_client_sent_messages_total",
        "outbox_messages",
    }
    assert "messaging_client_consumed_messages_total" in found["python"]["analytics"]
    assert not [name for name in found["python"]["letters"] if name.startswith(("db_", "outbox_"))]


@pytest.mark.parametrize("example_name", sorted(path.parent.name for path in EXAMPLES.glob("*/msgen.yaml")))
def test_without_metrics_there_is_no_trace_of_them(example_name: str, tmp_path: Path) -> None:
    description = example(example_name)
    root = generate({**description, "observability": {"metrics": "none"}}, tmp_path)
    traces = [
        f"{path.relative_to(root)}: {line}"
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_relative_to(root / ".msgen") and path.name != "msgen.yaml"
        for line in path.read_text().splitlines()
        if re.search("metrics|prometheus|prom-client|grafana", OF_KUBERNETES.sub("", line), re.IGNORECASE)
    ]
    assert not traces
