"""Objects of operators, by the schemas that these bring to a cluster."""

import json
import os
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

from .test_kubernetes import DESCRIPTIONS, OLDEST, build, make

MODULES = {
    "sigs.k8s.io/gateway-api@v1.4.1": (
        "config/crd/standard/gateway.networking.k8s.io_gateways.yaml",
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    ),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    ),
    "github.com/elastic/cloud-on-k8s/v3@v3.5.0": tuple(
        f"config/crds/v1/resources/{kind}.k8s.elastic.co_{kind.replace('search', 'searche')}s.yaml"
        for kind in ("beat", "elasticsearch", "kibana")
    ),
}
"""Go modules, and the files in which they define what is used of them."""
GROUPS = {
    *("gateway.networking.k8s.io", "monitoring.coreos.com"),
    *("beat.k8s.elastic.co", "elasticsearch.k8s.elastic.co", "kibana.k8s.elastic.co"),
}


def definitions(module: str, cache: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The schema of each version of each kind."""
    command = ["go", "mod", "download", "-json", module]
    environment = os.environ | {"GOMODCACHE": str(cache), "GOFLAGS": "-modcacherw"}
    done = subprocess.run(command, cwd=cache, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = Path(json.loads(done.stdout)["Dir"])
    found = [yaml.load((folder / file).read_text(), yaml.CSafeLoader)["spec"] for file in MODULES[module]]
    return {
        (f"{kind['group']}/{version['name']}", kind["names"]["kind"]): version["schema"]["openAPIV3Schema"]
        for kind in found
        for version in kind["versions"]
    }


def closed(schema: Any) -> Any:
    """The same, with keys that it does not name refused."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        strict.setdefault("additionalProperties", bool(schema.get("x-kubernetes-preserve-unknown-fields")))
    return strict


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    for tool in ("go", "kubectl"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not there")
    cache = tmp_path_factory.mktemp("modules")
    return {key: schema for module in MODULES for key, schema in definitions(module, cache).items()}


def check(objects: list[dict[str, Any]], schemas: dict[tuple[str, str], Any]) -> set[str]:
    """The kinds of operators that are among objects, all of which are valid."""
    checked = set()
    for found in objects:
        if found["apiVersion"].partition("/")[0] in GROUPS:
            schema = schemas[found["apiVersion"], found["kind"]]
            schema["properties"]["metadata"] = {"type": "object"}
            errors = [e.message for e in Draft202012Validator(closed(schema)).iter_errors(found)]
            assert errors == [], found["metadata"]["name"]
            checked.add(found["kind"])
    return checked


def test_objects_of_operators_are_valid(tmp_path: Path, schemas: dict[tuple[str, str], Any]) -> None:
    system = make(DESCRIPTIONS["deployed"], tmp_path / "made")
    overlay = system.root / "deploy/kubernetes/overlays/prod/kustomization.yaml"
    overlay.write_text(
        f"{overlay.read_text()}components: [../../components/pod-monitor, ../../components/gateway-api]\n"
    )
    assert check(build(system.root, "overlays/prod"), schemas) == {"PodMonitor", "Gateway", "HTTPRoute"}


def test_what_keeps_logs_is_valid(tmp_path: Path, schemas: dict[tuple[str, str], Any]) -> None:
    system = make(DESCRIPTIONS["deployed"] | {"observability": {"logs": "elk"}}, tmp_path / "made")
    objects = build(system.root, "logs")
    assert check(objects, schemas) == {"Elasticsearch", "Kibana", "Beat"}
    named = {o["kind"]: o["spec"] for o in objects if o["metadata"]["name"] == "logs"}
    templates = {
        "Elasticsearch": named["Elasticsearch"]["nodeSets"][0]["podTemplate"],
        "Kibana": named["Kibana"]["podTemplate"],
        "Beat": named["Beat"]["daemonSet"]["podTemplate"],
    }
    for kind, template in templates.items():
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": kind.lower()}, "spec": template["spec"]}
        kubernetes_validate.utils.validate(pod, OLDEST, strict=True)
    for found in objects:
        if found["apiVersion"].partition("/")[0] not in GROUPS:
            kubernetes_validate.utils.validate(found, OLDEST, strict=True)
    # What Filebeat tells Elasticsearch is what compose does, and goes where that is for.
    (settings,) = (o["data"] for o in objects if o["kind"] == "ConfigMap")
    compose = (system.root / "deploy/observability/logs-setup/template.json").read_text()
    assert settings == {"template.json": compose}
    config = named["Beat"]["config"]
    assert fnmatch(config["output.elasticsearch.index"], config["setup.template"]["pattern"])
    assert json.loads(compose)["index_patterns"] == [config["setup.template"]["pattern"]]
