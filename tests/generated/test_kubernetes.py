"""Kubernetes manifests: each overlay builds, is valid and allows what the description says, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate.utils
import pytest
import yaml

from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.environment import configured
from msgen.rendering.renderer import render
from msgen.repository.creation import write_tree

from .combinations import chosen, combinations
from .conftest import EXAMPLES

Object = dict[str, Any]

OLDEST, NEWEST = "1.32", "1.37"
CHECKOV = "checkov==3.3.30"
OVERLAYS = ("dev", "prod")
OF_PROVIDER = {"TOKEN_ISSUER", "OPENID_CONFIGURATION_URL"}
"""Settings that lead to another OpenID provider in development."""
CUSTOM = {"PodMonitor", "HTTPRoute", "Gateway", "Cluster", "Database", "RabbitmqCluster"} | {
    *("User", "Permission", "TopicPermission", "Exchange", "Queue", "Binding", "Policy"),
}
"""Kinds of operators; no schema of Kubernetes' own describes them."""

DEPLOY: dict[str, Any] = {
    "registry": "ghcr.io/acme",
    "tag": "1.0",
    "kubernetes": {"host": "shop.example.com", "replicas": 3, "autoscale": {"max": 9, "cpu": 60}, "cpu": "250m"},
}
SHOP: dict[str, Any] = yaml.load((EXAMPLES / "02-shop/msgen.yaml").read_text(), yaml.CSafeLoader)
FIXED = {"deploy": {"kubernetes": {"replicas": 1, "autoscale": {"max": 1}, "memory": "1Gi"}}}
SURPRISING = {"name": "no", "services": {"y": {"resources": {"item": {"a": "string"}}}, "on": {"calls": ["y"]}}}
EXAMPLE_DESCRIPTIONS: dict[str, dict[str, Any]] = {
    **{
        path.parent.name: yaml.load(path.read_text(), yaml.CSafeLoader)
        for path in sorted(EXAMPLES.glob("*/msgen.yaml"))
    },
    "deployed": SHOP | {"deploy": DEPLOY},
    "fixed": SHOP | FIXED,
    "registered": SHOP | {"discovery": "eureka", "deploy": DEPLOY},
    "found": SHOP | {"discovery": "consul", "observability": {"traces": "jaeger"}},
    "surprising": {"msgen": 1} | SURPRISING,
}
DESCRIPTIONS = EXAMPLE_DESCRIPTIONS | combinations()


@dataclass(frozen=True)
class System:
    root: Path
    plan: Plan
    description: dict[str, Any]
    objects: dict[str, list[Object]]
    """Of each overlay."""

    def of(self, overlay: str, *kinds: str) -> list[Object]:
        """Those of a kind, but for names that stand for what is elsewhere."""
        found = [o for o in self.objects[overlay] if o["kind"] in kinds]
        return [o for o in found if o.get("spec", {}).get("type") != "ExternalName"]

    def pods(self, overlay: str) -> dict[str, Object]:
        """The templates of pods, by the name of what makes them."""
        return {o["metadata"]["name"]: o["spec"]["template"] for o in self.of(overlay, "Deployment", "StatefulSet")}


def make(description: dict[str, Any], folder: Path) -> System:
    pack = load_pack(builtin_root())
    plan = configured(make_plan(Description.model_validate(description)), pack)
    folder.mkdir(parents=True)
    write_tree(render(plan, pack), folder)
    subprocess.run(["scripts/k8s-secrets"], cwd=folder, check=True, capture_output=True)
    return System(folder, plan, description, {overlay: build(folder, f"overlays/{overlay}") for overlay in OVERLAYS})


def build(root: Path, overlay: str) -> list[Object]:
    done = subprocess.run(
        ["kubectl", "kustomize", f"deploy/kubernetes/{overlay}"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


@pytest.fixture(scope="module", params=[*EXAMPLE_DESCRIPTIONS, *chosen()])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> System:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl, which builds the overlays, is not there")
    return make(DESCRIPTIONS[request.param], tmp_path_factory.mktemp("system") / "made")


@pytest.fixture(scope="module")
def schemas() -> Iterator[None]:
    """Each file of schemas is read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes_validate.utils, "schema_contents", cache(kubernetes_validate.utils.schema_contents))
        yield


@pytest.mark.usefixtures("schemas")
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_objects_are_valid(system: System, version: str) -> None:
    for overlay in OVERLAYS:
        for found in system.objects[overlay]:
            kubernetes_validate.utils.validate(found, version, strict=True)


def test_objects_have_names_and_labels_of_their_own(system: System) -> None:
    for overlay in OVERLAYS:
        namespace = f"{system.plan.name}-{overlay}"
        names = [(o["kind"], o["metadata"]["name"]) for o in system.objects[overlay]]
        assert len(set(names)) == len(names)
        for found in system.objects[overlay]:
            about = found["metadata"]
            assert about.get("namespace", namespace) == namespace
            assert about["labels"]["app.kubernetes.io/part-of"] == system.plan.name
            assert about["labels"]["app.kubernetes.io/instance"] == namespace
        for name, pod in system.pods(overlay).items():
            assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == name
            assert pod["metadata"]["labels"]["app.kubernetes.io/part-of"] == system.plan.name


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert selector.keys() <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def containers(pod: Object) -> list[Object]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def test_everything_selects_the_pods_of_its_name(system: System) -> None:
    for overlay in OVERLAYS:
        pods = system.pods(overlay)
        for found in system.of(overlay, "Deployment", "StatefulSet", "Service", "PodDisruptionBudget"):
            selector = found["spec"]["selector"]
            selector = selector if "matchLabels" in selector else {"matchLabels": selector}
            chosen = {name for name, pod in pods.items() if selects(selector, pod["metadata"]["labels"])}
            assert chosen == {found["metadata"]["name"]}, found["kind"]
        for found in system.of(overlay, "Deployment"):
            for spread in found["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
                assert spread["labelSelector"] == found["spec"]["selector"]
        workloads = {o["metadata"]["name"] for o in system.of(overlay, "Deployment")}
        for found in system.of(overlay, "HorizontalPodAutoscaler"):
            assert found["spec"]["scaleTargetRef"]["name"] in workloads
        accounts = {o["metadata"]["name"] for o in system.of(overlay, "ServiceAccount")}
        assert {pod["spec"]["serviceAccountName"] for pod in pods.values()} == accounts == pods.keys()


def test_ports_lead_to_ports_of_containers(system: System) -> None:
    for overlay in OVERLAYS:
        ports = {
            name: {p["name"]: p["containerPort"] for c in containers(pod) for p in c.get("ports", [])}
            for name, pod in system.pods(overlay).items()
        }
        services = {o["metadata"]["name"]: o for o in system.of(overlay, "Service")}
        assert services.keys() == ports.keys()
        for name, service in services.items():
            for port in service["spec"]["ports"]:
                assert port["targetPort"] in ports[name]
                if service["spec"].get("clusterIP") == "None":
                    assert port["port"] == ports[name][port["targetPort"]], "nothing translates ports here"
        for name, pod in system.pods(overlay).items():
            for container in containers(pod):
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    action = container.get(probe, {}).get("httpGet") or container.get(probe, {}).get("tcpSocket")
                    assert not action or action["port"] in ports[name]
            annotations = pod["metadata"].get("annotations", {})
            assert annotations.get("prometheus.io/scrape") is None or (
                int(annotations["prometheus.io/port"]) in ports[name].values()
            )
        for ingress in system.of(overlay, "Ingress"):
            (rule,) = ingress["spec"]["rules"]
            assert rule["host"] == system.plan.deploy.host
            assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
            backend = rule["http"]["paths"][0]["backend"]["service"]
            names = {p["name"] for p in services[backend["name"]]["spec"]["ports"]}
            assert (backend["name"], backend["port"]["name"] in names) == ("gateway", True)


def environment(system: System, overlay: str, container: Object) -> dict[str, str | None]:
    """What a container finds in its environment; None for what a secret of the cluster has to hold."""
    maps = {o["metadata"]["name"]: o.get("data") or {} for o in system.of(overlay, "ConfigMap")}
    secrets = {o["metadata"]["name"]: o["data"] for o in system.of(overlay, "Secret")}
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]
    for variable in container.get("env", []):
        assert variable["name"] not in found
        if "value" in variable:
            found[variable["name"]] = variable["value"]
            continue
        reference = variable["valueFrom"]["secretKeyRef"]
        found[variable["name"]] = secrets[reference["name"]][reference["key"]] if overlay == "dev" else None
    return found


def test_services_find_their_settings(system: System) -> None:
    for overlay in OVERLAYS:
        pods = system.pods(overlay)
        for service in system.plan.services:
            for container in containers(pods[service.name]):
                found = environment(system, overlay, container)
                assert found.keys() == {v.name for v in service.variables}
                for variable in service.variables:
                    if not (
                        variable.sensitive
                        or (overlay == "dev" and system.plan.identity and variable.name in OF_PROVIDER)
                    ):
                        assert found[variable.name] == variable.value
                    assert (found[variable.name] is None) == (overlay == "prod" and variable.sensitive)
            migrates = [c["name"] for c in pods[service.name]["spec"].get("initContainers", [])]
            assert migrates == (["migrate"] if service.database else [])


def test_each_has_the_secrets_that_it_needs_and_production_has_none(system: System) -> None:
    assert not system.of("prod", "Secret")
    used: dict[str, set[str]] = {}
    data = {o["metadata"]["name"]: set(o["data"]) for o in system.of("dev", "Secret")}
    for pod in system.pods("dev").values():
        for container in containers(pod):
            for source in container.get("envFrom", []):
                if "secretRef" in source:
                    used.setdefault(source["secretRef"]["name"], set()).update(data[source["secretRef"]["name"]])
            for variable in container.get("env", []):
                if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                    used.setdefault(reference["name"], set()).add(reference["key"])
    assert used == data
    if system.plan.databases:
        passwords = {f"{s.name.constant}_DATABASE{o}_PASSWORD" for s in system.plan.databases for o in ("", "_OWNER")}
        assert {key for name, keys in data.items() if name.startswith("postgres-") for key in keys} == (
            passwords | {"POSTGRES_PASSWORD"}
        )
    done = subprocess.run(["git", "init", "-q"], cwd=system.root, check=True)
    done = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=system.root, capture_output=True, check=True
    )
    assert b".env\n" not in done.stdout


def test_pods_are_confined(system: System) -> None:
    for overlay in OVERLAYS:
        for pod in system.pods(overlay).values():
            spec = pod["spec"]
            assert spec["securityContext"]["runAsNonRoot"]
            assert spec["securityContext"]["runAsUser"] > 0
            assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert spec["automountServiceAccountToken"] is False
            assert spec["enableServiceLinks"] is False
            mounted = {volume["name"] for volume in spec["volumes"]} | {"data"}
            for container in containers(pod):
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert container["resources"]["requests"].keys() == {"cpu", "memory"}
                assert container["resources"]["limits"].keys() == {"cpu", "memory"}
                assert {mount["name"] for mount in container["volumeMounts"]} <= mounted
        (namespace,) = system.of(overlay, "Namespace")
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_scale_is_that_of_the_description(system: System) -> None:
    scales = {s.name: s.scale for s in system.plan.services} | {"gateway": system.plan.deploy.gateway}
    autoscalers = {o["metadata"]["name"]: o["spec"] for o in system.of("prod", "HorizontalPodAutoscaler")}
    assert autoscalers.keys() == {name for name, scale in scales.items() if scale.autoscaled}
    for found in system.of("prod", "Deployment"):
        name = found["metadata"]["name"]
        if name == "eureka":  # of which there is one
            continue
        scale = scales[name]
        # Where there is an autoscaler, replicas are its business alone.
        assert found["spec"].get("replicas") == (None if scale.autoscaled else scale.replicas)
        if scale.autoscaled:
            assert (autoscalers[name]["minReplicas"], autoscalers[name]["maxReplicas"]) == (
                scale.replicas,
                scale.max_replicas,
            )
            target = autoscalers[name]["metrics"][0]["resource"]["target"]
            assert target["averageUtilization"] == scale.target_cpu
        for container in containers(found["spec"]["template"]):
            assert container["resources"]["requests"] == {"cpu": scale.cpu, "memory": scale.memory}
            assert (
                container["image"] == f"{system.plan.deploy.registry}{system.plan.name}-{name}:{system.plan.deploy.tag}"
            )


UNITS = {"m": 0.001, "Mi": 1 / 1024, "Gi": 1.0}


def amount(quantity: str) -> float:
    unit = next((u for u in UNITS if quantity.endswith(u)), "")
    return float(quantity.removesuffix(unit)) * UNITS.get(unit, 1)


def test_quotas_let_everything_be_replaced_at_full_scale(system: System) -> None:
    for overlay in OVERLAYS:
        (quota,) = (o["spec"]["hard"] for o in system.of(overlay, "ResourceQuota"))
        most = {
            o["spec"]["scaleTargetRef"]["name"]: o["spec"]["maxReplicas"]
            for o in system.of(overlay, "HorizontalPodAutoscaler")
        }
        pods = [
            (most.get(o["metadata"]["name"], o["spec"].get("replicas", 1)) + surge(o), o["spec"]["template"])
            for o in system.of(overlay, "Deployment", "StatefulSet")
        ]
        for kind, resource in (("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")):
            needed = sum(
                number * sum(amount(str(c["resources"][kind][resource])) for c in lasting(pod)) for number, pod in pods
            )
            assert needed <= amount(str(quota[f"{kind}.{resource}"]))
        assert sum(number for number, _ in pods) <= int(quota["pods"])


def lasting(pod: Object) -> list[Object]:
    """The containers that run beside each other."""
    return [c for c in containers(pod) if c in pod["spec"]["containers"] or c.get("restartPolicy") == "Always"]


def surge(workload: Object) -> int:
    return 1 if workload["spec"].get("strategy", {}).get("type") == "RollingUpdate" else 0


# Who may talk to whom


Edge = tuple[str, str, int]


def edges(system: System, overlay: str, direction: str) -> set[Edge]:
    """(From, to, port) between pods, as the rules of one direction allow it."""
    pods = {name: pod["metadata"]["labels"] for name, pod in system.pods(overlay).items()}
    found = set()
    for policy in system.of(overlay, "NetworkPolicy"):
        subjects = [name for name, labels in pods.items() if selects(policy["spec"]["podSelector"], labels)]
        for rule in policy["spec"].get(direction.lower(), []):
            peers = rule.get("from" if direction == "Ingress" else "to", [])
            for peer in peers:
                if "podSelector" not in peer or "namespaceSelector" in peer:
                    continue
                others = [name for name, labels in pods.items() if selects(peer["podSelector"], labels)]
                for port in rule["ports"]:
                    pairs = [(s, o) if direction == "Egress" else (o, s) for s in subjects for o in others]
                    found |= {(*pair, port["port"]) for pair in pairs}
    return found


def token_arrows(name: str, spec: dict[str, Any], auth: str, registry: str) -> set[Edge]:
    """For the keys of tokens, and for tokens of the service itself."""
    found = {(name, auth, 8000)} if spec.get("calls") else set()
    if spec.get("resources") or spec.get("blueprint") == "analytics":
        found.add((name, "gateway", 8080) if registry != "dns" else (name, auth, 8000))
    return found


def arrows(description: dict[str, Any], overlay: str) -> set[Edge]:
    """What the description says that talks to what."""
    services = description["services"]
    database = description.get("defaults", {}).get("database", "postgres")
    auth = next((name for name, spec in services.items() if spec.get("blueprint") == "auth"), None)
    registry = description.get("discovery", "dns")
    traces = description.get("observability", {}).get("traces", "none") != "none"
    provider = "identity" in description
    found = {("gateway", name, 8000) for name in services}
    if registry == "eureka":
        found |= {("gateway", "eureka", 18000), *((name, "eureka", 8761) for name in services)}
    if overlay == "dev":
        senders = ["gateway", *services]
        found |= {(name, "jaeger", 4318) for name in senders if traces}
        found |= {("gateway", "identity-provider", 8090)} if provider else set()
        found |= {(name, "consul", 8500) for name in services if registry == "consul"}
        found |= {("consul", name, 8000) for name in services if registry == "consul"}
        found |= {("gateway", "consul", 8600)} if registry == "consul" else set()
    for name, spec in services.items():
        found |= {(name, called, 8000) for called in spec.get("calls", [])}
        found |= token_arrows(name, spec, auth, registry) if auth and auth != name else set()
        if overlay == "dev":
            if provider and (spec.get("resources") or spec.get("blueprint") == "analytics"):
                found.add((name, "identity-provider", 8090))
            if spec.get("database", database) != "none":
                found.add((name, "postgres", 5432))
            if any(spec.get(key) for key in ("sends", "consumes", "publishes", "subscribes")):
                found.add((name, "rabbitmq", 5672))
            if spec.get("blueprint") == "mailer":
                found.add((name, "mail", 1025))
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_talk_along_the_arrows_of_the_description_alone(system: System, overlay: str) -> None:
    expected = arrows(system.description, overlay)
    assert edges(system, overlay, "Egress") == expected
    assert edges(system, overlay, "Ingress") == expected


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_else_is_denied(system: System, overlay: str) -> None:
    policies = [o["spec"] for o in system.of(overlay, "NetworkPolicy")]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in policies
    open_in = [
        (p["podSelector"], rule["ports"]) for p in policies for rule in p.get("ingress", []) if not rule.get("from")
    ]
    gateway = {"matchLabels": {"app.kubernetes.io/name": "gateway"}}
    certificate = {"matchLabels": {"acme.cert-manager.io/http01-solver": "true"}}
    public = [
        (certificate, [{"protocol": "TCP", "port": 8089}]),
        (gateway, [{"protocol": "TCP", "port": 8081}]),
    ]
    assert open_in == (public if overlay == "prod" and system.plan.deploy.host else [])
    open_out = {
        (*p["podSelector"]["matchLabels"], tuple(port["port"] for port in rule["ports"]))
        for p in policies
        for rule in p.get("egress", [])
        if not rule.get("to")
    }
    outside = {
        ("postgres-client", (5432,)): system.plan.databases,
        ("rabbitmq-client", (5671, 5672)): system.plan.broker,
        ("mail-client", (25, 465, 587)): system.plan.mails,
        ("jaeger-client", (4318,)): system.plan.traces,
        ("identity-provider-client", (443,)): system.plan.identity,
    }
    assert open_out == ({rule for rule, there in outside.items() if there} if overlay == "prod" else set())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_policies_are_stored_as_they_are_written(system: System, overlay: str) -> None:
    """A cluster adds the protocol and drops empty lists: otherwise `kubectl diff` finds something each time."""
    for policy in system.of(overlay, "NetworkPolicy"):
        for direction in ("ingress", "egress"):
            rules = policy["spec"].get(direction)
            assert rules != []
            for rule in rules or []:
                assert all("protocol" in port for port in rule["ports"])


def test_the_readme_names_the_components_that_are_there(system: System) -> None:
    folder = system.root / "deploy/kubernetes"
    named = set(re.findall(r"^\| `([a-z-]+)` \|", (folder / "README.md").read_text(), re.MULTILINE))
    assert named == {path.parent.name for path in folder.glob("components/*/kustomization.yaml")}


@pytest.mark.usefixtures("schemas")
def test_components_go_with_production(tmp_path: Path) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl, which builds the overlays, is not there")
    system = make(DESCRIPTIONS["deployed"], tmp_path / "made")
    overlay = system.root / "deploy/kubernetes/overlays/prod/kustomization.yaml"
    components = sorted(path.name for path in (system.root / "deploy/kubernetes/components").iterdir())
    assert components == ["cloudnative-pg", "gateway-api", "pod-monitor", "rabbitmq-operator", "scraping"]
    listed = "".join(f"  - ../../components/{name}\n" for name in components if name != "scraping")
    overlay.write_text(f"{overlay.read_text()}components:\n{listed}")
    objects = build(system.root, "overlays/prod")
    for found in objects:
        if found["kind"] not in CUSTOM:
            kubernetes_validate.utils.validate(found, OLDEST, strict=True)
    kinds = {o["kind"] for o in objects}
    assert kinds >= CUSTOM
    assert "Ingress" not in kinds
    (route,) = (o["spec"] for o in objects if o["kind"] == "HTTPRoute")
    (gateway,) = (o["spec"] for o in objects if o["kind"] == "Service" and o["metadata"]["name"] == "gateway")
    assert route["rules"][0]["backendRefs"][0]["port"] in {p["port"] for p in gateway["ports"]}
    (cluster,) = (o["spec"] for o in objects if o["kind"] == "Cluster")
    databases = [o["spec"] for o in objects if o["kind"] == "Database"]
    roles = {role["name"] for role in cluster["managed"]["roles"]}
    owners = {f"{s.name.snake}.owner" for s in system.plan.databases}
    assert {d["owner"] for d in databases} == owners
    assert roles == owners | {s.name.snake for s in system.plan.databases}
    (broker,) = (
        o["spec"]["override"]["statefulSet"]["spec"]["template"] for o in objects if o["kind"] == "RabbitmqCluster"
    )
    for container in containers(broker):
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    senders = {s.name for s in system.plan.services if s.messaging}
    imported = {o["spec"]["importCredentialsSecret"]["name"] for o in objects if o["kind"] == "User"}
    assert imported == {f"{name}-broker" for name in senders}


def test_a_removed_service_leaves_nothing_in_deploy(tmp_path: Path) -> None:
    def msgen(folder: Path, *arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "msgen", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL)

    msgen(tmp_path, "new", "shop", "--defaults")
    folder = tmp_path / "shop"
    msgen(folder, "add-service", "stock", "--calls", "users")
    assert list((folder / "deploy").rglob("*stock*"))
    msgen(folder, "remove-service", "stock", "--yes")
    assert not list((folder / "deploy").rglob("*stock*"))


def test_checkov_finds_nothing(tmp_path: Path) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl, which builds the overlays, is not there")
    for name in ("deployed", "03-worker"):
        system = make(DESCRIPTIONS[name], tmp_path / name)
        for overlay in OVERLAYS:
            (tmp_path / f"{name}-{overlay}.yaml").write_text(yaml.safe_dump_all(system.objects[overlay]))
        config = system.root / "deploy/kubernetes/.checkov.yaml"
    files = sorted(map(str, tmp_path.glob("*.yaml")))
    command = [sys.executable, "-m", "uv", "--quiet", "tool", "run", CHECKOV, "--config-file", str(config)]
    done = subprocess.run([*command, "--output", "json", "--file", *files], capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["summary"]["passed"] > 1000
    assert [(c["check_id"], c["resource"]) for c in found["results"]["failed_checks"]] == []
