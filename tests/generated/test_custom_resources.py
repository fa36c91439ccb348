"""Objects of operators, by the schemas that these bring to a cluster."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from .test_kubernetes import DESCRIPTIONS, build, make

MODULES = {
    "sigs.k8s.io/gateway-api@v1.4.1": (
        "config/crd/standard/gateway.networking.k8s.io_gateways.yaml",
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    ),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    ),
}
"""Go modules, and the files in which they define what is used of them."""
GROUPS = {"gateway.networking.k8s.io", "monitoring.coreos.com"}


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


def test_objects_of_operators_are_valid(tmp_path: Path) -> None:
    for tool in ("go", "kubectl"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not there")
    system = make(DESCRIPTIONS["deployed"], tmp_path / "made")
    overlay = system.root / "deploy/kubernetes/overlays/prod/kustomization.yaml"
    overlay.write_text(
        f"{overlay.read_text()}components: [../../components/pod-monitor, ../../components/gateway-api]\n"
    )
    cache = tmp_path / "modules"
    cache.mkdir()
    schemas = {key: schema for module in MODULES for key, schema in definitions(module, cache).items()}
    checked = set()
    for found in build(system.root, "overlays/prod"):
        if found["apiVersion"].partition("/")[0] in GROUPS:
            schema = schemas[found["apiVersion"], found["kind"]]
            schema["properties"]["metadata"] = {"type": "object"}
            errors = [e.message for e in Draft202012Validator(closed(schema)).iter_errors(found)]
            assert errors == [], found["metadata"]["name"]
            checked.add(found["kind"])
    assert checked == {"PodMonitor", "Gateway", "HTTPRoute"}
