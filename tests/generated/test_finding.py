"""Traces and discovery: what a system has with them, and that it has nothing of them without."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from msgen.core.tree import Tree
from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.rendering.renderer import render

SHOP = Path(__file__).parents[2] / "examples/02-shop/msgen.yaml"
LOCKS = ("requirements.txt", "requirements-dev.txt", "package-lock.json")


def tree(**keys: Any) -> Tree:
    """The shop, in both languages, with other keys."""
    description = yaml.load(SHOP.read_text(), yaml.CSafeLoader) | keys
    return render(make_plan(Description.model_validate(description)), load_pack(builtin_root()))


def mentions(tree: Tree, pattern: str) -> set[str]:
    """The files that say something; FastAPI and prom-client require OpenTelemetry's API by themselves."""
    return {
        path
        for path, file in tree.items()
        if re.search(pattern, path) or (re.search(pattern, file.content.decode()) and not path.endswith(LOCKS))
    }


def compose(tree: Tree) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(tree["compose.yaml"].content)
    return loaded


@pytest.fixture(scope="module")
def plain() -> Tree:
    return tree(discovery="dns", observability={"traces": "none"})


@pytest.fixture(scope="module")
def traced() -> Tree:
    return tree(observability={"traces": "jaeger"})


def test_without_traces_nothing_is_left_of_them(plain: Tree) -> None:
    assert mentions(plain, r"(?i)telemetry.sdk|jaeger|tracing|otel_|traceparent|trace\.id") == set()
    packages = [file.content.decode() for path, file in plain.items() if path.endswith(LOCKS)]
    assert not any("opentelemetry-sdk" in text or "@opentelemetry/sdk" in text for text in packages)


def test_without_a_registry_nothing_is_left_of_it(plain: Tree) -> None:
    assert mentions(plain, r"(?i)consul|eureka|discover") == set()


def test_services_and_gateway_use_consul() -> None:
    made = tree(discovery="consul")
    services = compose(made)["services"]
    assert "consul" in services["gateway"]["depends_on"]
    for name in ("auth", "users", "orders", "notifications", "analytics"):
        assert services[name]["environment"]["CONSUL_URL"] == "http://consul:8500"
    envoy = yaml.safe_load(made["gateway/envoy.yaml"].content)
    asked = {
        cluster["name"]: cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
        for cluster in envoy["static_resources"]["clusters"]
    }
    assert asked["orders"]["socket_address"]["address"] == "orders.service.consul"


def test_services_and_gateway_use_eureka() -> None:
    made = tree(discovery="eureka")
    services = compose(made)["services"]
    assert services["eureka"]["build"] == "deploy/eureka"
    assert "deploy/eureka/pom.xml" in made
    assert "eureka" in services["gateway"]["depends_on"]
    for name in ("auth", "users", "orders", "notifications", "analytics"):
        assert services[name]["environment"]["EUREKA_URL"] == "http://eureka:8761/eureka"
    envoy = yaml.safe_load(made["gateway/envoy.yaml"].content)
    clusters = {cluster["name"]: cluster for cluster in envoy["static_resources"]["clusters"]}
    source = clusters["orders"]["eds_cluster_config"]["eds_config"]["api_config_source"]
    assert source["grpc_services"][0]["envoy_grpc"]["cluster_name"] in clusters


@pytest.mark.parametrize("registry", ["consul", "eureka"])
def test_a_system_has_nothing_of_the_other_registry(registry: str) -> None:
    [other] = {"consul", "eureka"} - {registry}
    assert mentions(tree(discovery=registry), f"(?i){other}") == set()


def test_services_send_traces_and_jaeger_starts_on_request(traced: Tree) -> None:
    services = compose(traced)["services"]
    assert services["jaeger"]["profiles"] == ["traces"]
    for name in ("auth", "users", "orders", "notifications", "analytics"):
        assert services[name]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://jaeger:4318"
        assert "jaeger" not in services[name].get("depends_on", {})


def test_the_gateway_begins_traces(traced: Tree) -> None:
    envoy = yaml.safe_load(traced["gateway/envoy.yaml"].content)
    [*ways_in, _inside] = envoy["static_resources"]["listeners"]
    assert len(ways_in) == 2
    for listener in ways_in:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        target = manager["tracing"]["provider"]["typed_config"]["http_service"]["http_uri"]
        assert target["uri"] == "http://jaeger:4318/v1/traces"
        assert target["cluster"] in {cluster["name"] for cluster in envoy["static_resources"]["clusters"]}
        [mutations] = manager["early_header_mutation_extensions"]
        assert {"remove": "traceparent"} in mutations["typed_config"]["mutations"]


def test_messages_carry_their_trace_in_the_contract_too(traced: Tree, plain: Tree) -> None:
    def carries(made: Tree) -> bool:
        return "traceparent" in made["contracts/asyncapi.yaml"].content.decode()

    assert carries(traced)
    assert not carries(plain)
