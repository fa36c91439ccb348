"""The shop in a real cluster, which the environment names; nothing else of the suite needs one.

    MSGEN_CLUSTER=kind-kind pytest tests/e2e/test_cluster.py

It has to be the current context of kubectl, of a cluster where the namespaces `clustered-dev` and `clustered-prod`
may be made and deleted. Images are loaded as `make k8s-up` does it; for a cluster that it does not know,
MSGEN_CLUSTER_LOAD is the command that loads those it is given, such as `kind load docker-image`.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cluster import rendered
from .conftest import EXAMPLES, System, environment

CONTEXT = os.environ.get("MSGEN_CLUSTER", "")
NAME = "clustered"
SERVICES = ("auth", "users", "orders", "notifications", "analytics")
LOAD = Path(__file__).with_name("load.py")

pytestmark = pytest.mark.skipif(not CONTEXT, reason="MSGEN_CLUSTER names no cluster")


class Shop(System):
    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        return self.run("kubectl", f"--context={CONTEXT}", f"--namespace={NAME}-dev", *arguments, given=given)

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given=yaml.safe_dump_all(objects))

    def get(self, what: str) -> Any:
        return json.loads(self.kubectl("get", what, "--output=json"))

    def rolled_out(self, *services: str) -> None:
        for service in services:
            self.kubectl("rollout", "status", f"deployment/{service}", "--timeout=300s")


def eventually(seconds: float, check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop as `make k8s-up` leaves it, which is with its own tests passed."""
    into = tmp_path_factory.mktemp("cluster")
    description = into / "description.yaml"
    description.write_text(
        re.sub("^name: .*", f"name: {NAME}", (EXAMPLES / "02-shop/msgen.yaml").read_text(), flags=re.MULTILINE)
    )
    command = [sys.executable, "-m", "msgen", "new", "--description", str(description), "--into", str(into)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    # The context is for those that scripts do not know to be on this machine.
    settings = {"CONTEXT": CONTEXT} | ({"LOAD": load} if (load := os.environ.get("MSGEN_CLUSTER_LOAD")) else {})
    shop = Shop(into / NAME, environment(NAME) | settings)
    assert shop.run("kubectl", "config", "current-context").strip() == CONTEXT
    try:
        shop.run("make", "k8s-up", timeout=1800)
        yield shop
    finally:
        shop.run("make", "k8s-down")
        assert not shop.run("kubectl", "get", "namespace", f"{NAME}-dev", "--ignore-not-found")
        eventually(60, lambda: f"{NAME}-dev" not in shop.run("kubectl", "get", "persistentvolumes", "--output=yaml"))


def test_nothing_restarts_and_nothing_differs(shop: Shop) -> None:
    for pod in shop.get("pods")["items"]:
        for container in pod["status"]["containerStatuses"]:
            assert container["restartCount"] == 0, pod["metadata"]["name"]
    assert not shop.kubectl("diff", "--kustomize=deploy/kubernetes/overlays/dev")


# Who may talk to whom

ALLOWED = {
    ("orders", "users", 8000),
    ("orders", "auth", 8000),
    ("orders", "postgres", 5432),
    ("orders", "rabbitmq", 5672),
    ("analytics", "auth", 8000),
    ("users", "auth", 8000),
}
DENIED = {
    ("users", "orders", 8000),
    ("orders", "analytics", 8000),
    ("analytics", "users", 8000),
    ("orders", "gateway", 80),
    ("orders", "mail", 1025),
    ("orders", "rabbitmq", 15672),
    ("users", "kubernetes.default", 443),
}
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"


def connects(shop: Shop, edge: tuple[str, str, int]) -> bool:
    source, target, port = edge
    command = ["kubectl", f"--context={CONTEXT}", f"--namespace={NAME}-dev", "exec", f"deployment/{source}", "--"]
    done = subprocess.run(
        [*command, "python", "-c", CONNECT, target, str(port)], capture_output=True, text=True, env=shop.environment
    )
    assert done.returncode == 0 or "TimeoutError" in done.stderr or "ConnectionRefused" in done.stderr, done.stderr
    return done.returncode == 0


def test_pods_talk_along_the_arrows_alone(shop: Shop) -> None:
    assert {edge for edge in ALLOWED if connects(shop, edge)} == ALLOWED
    opened = {edge for edge in DENIED if connects(shop, edge)}
    if opened == DENIED:
        pytest.skip("the network of this cluster does not keep to network policies")
    assert opened == set()


# Under load


def policy(name: str, pods: str, **rules: Any) -> dict[str, Any]:
    selector = {"matchLabels": {"app.kubernetes.io/name": pods}}
    kinds = [kind.capitalize() for kind in rules]
    spec = {"podSelector": selector, "policyTypes": kinds} | rules
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def load_pod() -> dict[str, Any]:
    confined = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": "load",
        "image": f"{NAME}-orders:dev",
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "/load/load.py"],
        "securityContext": confined,
        "volumeMounts": [{"name": "load", "mountPath": "/load"}, {"name": "tmp", "mountPath": "/tmp"}],
    }
    volumes = [{"name": "load", "configMap": {"name": "load"}}, {"name": "tmp", "emptyDir": {}}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "load", "labels": {"app.kubernetes.io/name": "load"}},
        "spec": {"containers": [container], "volumes": volumes, "automountServiceAccountToken": False},
    }


@contextmanager
def load(shop: Shop) -> Iterator[dict[str, Any]]:
    """Requests from within the cluster, by its names and addresses; what came of them is known at the end."""
    ports = [{"port": 8081}]
    gateway, clients = ({"matchLabels": {"app.kubernetes.io/name": name}} for name in ("gateway", "load"))
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "load"}}
    shop.apply(
        settings | {"data": {"load.py": LOAD.read_text()}},
        policy("load", "load", egress=[{"to": [{"podSelector": gateway}], "ports": ports}]),
        policy("gateway.load", "gateway", ingress=[{"from": [{"podSelector": clients}], "ports": ports}]),
        load_pod(),
    )
    result: dict[str, Any] = {}
    try:
        shop.kubectl("wait", "--for=condition=Ready", "pod/load", "--timeout=60s")
        yield result
        shop.kubectl("exec", "load", "--", "touch", "/tmp/stop")
        eventually(60, lambda: '"done"' in shop.kubectl("logs", "load"))
        *errors, line = shop.kubectl("logs", "load").splitlines()
        assert errors == []
        result.update(json.loads(line))
    finally:
        shop.kubectl(
            "delete", "pod/load", "configmap/load", "networkpolicy/load", "networkpolicy/gateway.load", "--now"
        )


def pods(shop: Shop, name: str) -> set[str]:
    found = shop.get("pods")["items"]
    return {p["metadata"]["name"] for p in found if p["metadata"]["labels"]["app.kubernetes.io/name"] == name}


def gone(shop: Shop, names: set[str]) -> None:
    eventually(120, lambda: not names & {p["metadata"]["name"] for p in shop.get("pods")["items"]})


def test_no_request_is_lost_when_everything_is_replaced(shop: Shop) -> None:
    old = {name for service in (*SERVICES, "gateway") for name in pods(shop, service)}
    with load(shop) as result:
        shop.kubectl("rollout", "restart", "deployment")
        shop.rolled_out(*SERVICES, "gateway")
        gone(shop, old)
    assert result["lost"] == []
    assert result["done"] > 200


def test_no_request_is_lost_when_a_pod_of_two_is_deleted(shop: Shop) -> None:
    shop.kubectl("scale", "deployment/users", "deployment/gateway", "--replicas=2")
    shop.rolled_out("users", "gateway")
    old = {min(pods(shop, name)) for name in ("users", "gateway")}
    with load(shop) as result:
        shop.kubectl("delete", "pod", "--wait=false", *old)
        gone(shop, old)
    shop.kubectl("scale", "deployment/users", "deployment/gateway", "--replicas=1")
    assert result["lost"] == []
    assert result["done"] > 50


def test_load_makes_more_of_a_service(shop: Shop) -> None:
    if "v1beta1.metrics.k8s.io" not in shop.kubectl("get", "apiservices", "--output=name"):
        pytest.skip("this cluster has no metrics")
    (scaler,) = (
        o
        for o in rendered(shop.root, "prod")
        if o["kind"] == "HorizontalPodAutoscaler" and o["metadata"]["name"] == "users"
    )
    scaler["metadata"]["namespace"] = f"{NAME}-dev"
    scaler["spec"]["minReplicas"] = 1
    shop.apply(scaler)
    with load(shop):
        eventually(240, lambda: shop.get("deployment/users")["spec"]["replicas"] > 1)
    shop.kubectl("delete", "horizontalpodautoscaler/users")


# Production


def test_what_is_missing_for_production_is_made_as_it_is_told(shop: Shop) -> None:
    kubectl = ("kubectl", f"--context={CONTEXT}")
    told = shop.run("make", "--silent", "k8s-check", code=2)
    commands = re.findall(r"^    (kubectl .*(?:create secret generic|apply) .*)$", told, re.MULTILINE)
    try:
        for command in sorted(commands, key=lambda c: "apply" not in c):
            shop.run("sh", "-c", command)
        left = re.findall("^missing: (.*)", shop.run("make", "--silent", "k8s-check", code=2), re.MULTILINE)
        assert not [what for what in left if "secret" in what or "namespace" in what or what.startswith("the API")]
        applied = shop.run(*kubectl, "apply", "--dry-run=server", "--kustomize=deploy/kubernetes/overlays/prod")
        assert "Warning" not in applied
        assert "horizontalpodautoscaler.autoscaling/users created (server dry run)" in applied
        assert len(commands) == 1 + len(SERVICES), shlex.join(commands)
    finally:
        shop.run(*kubectl, "delete", "namespace", f"{NAME}-prod", "--ignore-not-found")
