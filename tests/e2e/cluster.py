"""Pods of rendered manifests, run by Docker as a cluster would: with their users, limits, settings, volumes and probes.

There is no scheduler and no kubelet here. What these do with a pod is done step by step, in the manifest's order and
timing; its network policies are not enforced.
"""

import base64
import json
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Timer
from typing import Any, Self

import httpx
import yaml

Object = dict[str, Any]

STALE_SECONDS = 5
"""How long names still lead to a pod that is going: what the cluster's name server may have cached."""
NAMES = Path(__file__).with_name("names.py")


def docker(*arguments: str, timeout: float = 120) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return done.stdout.strip()


@dataclass
class Pod:
    name: str
    workload: str
    spec: Object
    containers: dict[str, str] = field(default_factory=dict)
    """Name in the manifest -> Docker's."""
    address: str = ""


class Cluster:
    def __init__(self, objects: list[Object], folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self.workloads = {o["metadata"]["name"]: o for o in objects if o["kind"] in ("Deployment", "StatefulSet")}
        self.settings = {o["metadata"]["name"]: o.get("data") or {} for o in objects if o["kind"] == "ConfigMap"}
        self.secrets = {
            o["metadata"]["name"]: {k: base64.b64decode(v).decode() for k, v in o["data"].items()}
            for o in objects
            if o["kind"] == "Secret"
        }
        self.endpoints: dict[str, dict[str, str]] = {}
        self.running: list[Pod] = []
        self._lock = Lock()
        self._number = 0

    def __enter__(self) -> Self:
        docker("network", "create", self.name)
        self._publish()
        docker(
            "run", "--detach", "--name", f"{self.name}-names", "--network", self.name,
            "--volume", f"{NAMES}:/names.py:ro", "--volume", f"{self.folder}:/records:ro",
            "python:3.13-slim", "python", "/names.py", "/records/names.json",
        )  # fmt: skip
        self.name_server = self._address(f"{self.name}-names")
        return self

    def __exit__(self, *_: object) -> None:
        label = f"label=msgen-cluster={self.name}"
        with suppress(AssertionError):
            docker("rm", "--force", f"{self.name}-names", *docker("ps", "-aq", "--filter", label).split())
        with suppress(AssertionError):
            docker("volume", "rm", *docker("volume", "ls", "-q", "--filter", label).split())
        docker("network", "rm", self.name)

    def start(self, workload: str) -> Pod:
        """Starts one more pod and waits until it is ready: from then on, names lead to it."""
        with self._lock:
            self._number += 1
            number = self._number
        stateful = self.workloads[workload]["kind"] == "StatefulSet"
        pod = Pod(
            f"{workload}-{0 if stateful else number}", workload, self.workloads[workload]["spec"]["template"]["spec"]
        )
        self._make_volumes(pod)
        for container in pod.spec.get("initContainers", []):
            name = self._run(pod, container)
            code = docker("wait", name)
            assert code == "0", docker("logs", name)
        for container in pod.spec["containers"]:
            pod.containers[container["name"]] = self._run(pod, container)
        pod.address = self._address(next(iter(pod.containers.values())))
        for container in pod.spec["containers"]:
            self._await(pod, container, "startupProbe")
        for container in pod.spec["containers"]:
            self._await(pod, container, "readinessProbe")
        with self._lock:
            self.running.append(pod)
            self.endpoints.setdefault(workload, {})[pod.name] = pod.address
            self._publish()
        return pod

    def stop(self, pod: Pod) -> None:
        """What happens with a pod that is deleted; it has to end in time, and by itself."""
        began = time.monotonic()
        names = Timer(STALE_SECONDS, self._forget, [pod])
        names.start()
        (container,) = pod.spec["containers"]
        hook = container["lifecycle"]["preStop"]
        name = pod.containers[container["name"]]
        if "exec" in hook:
            docker("exec", name, *hook["exec"]["command"])
        else:
            time.sleep(hook["sleep"]["seconds"])
        docker("kill", "--signal", "TERM", name)
        left = pod.spec["terminationGracePeriodSeconds"] - (time.monotonic() - began)
        assert docker("wait", name, timeout=left) == "0", docker("logs", "--tail", "20", name)
        names.join()
        with self._lock:
            self.running.remove(pod)

    def _forget(self, pod: Pod) -> None:
        with self._lock:
            del self.endpoints[pod.workload][pod.name]
            self._publish()

    def replace(self, workload: str) -> None:
        """A rolling update: as the manifest says, one more, then one less."""
        spec = self.workloads[workload]["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        for old in [pod for pod in self.running if pod.workload == workload]:
            self.start(workload)
            time.sleep(spec["minReadySeconds"])
            self.stop(old)

    def probe(self, pod: Pod, container: Object, kind: str) -> bool:
        """What a kubelet finds out about a container."""
        about = container[kind]
        timeout = about.get("timeoutSeconds", 1)
        ports = {p["name"]: p["containerPort"] for p in container.get("ports", [])}
        try:
            if "exec" in about:
                command = ["docker", "exec", pod.containers[container["name"]], *about["exec"]["command"]]
                return subprocess.run(command, capture_output=True, timeout=timeout).returncode == 0
            if "tcpSocket" in about:
                socket.create_connection((pod.address, ports[about["tcpSocket"]["port"]]), timeout).close()
                return True
            request = about["httpGet"]
            answer = httpx.get(f"http://{pod.address}:{ports[request['port']]}{request['path']}", timeout=timeout)
        except (OSError, httpx.HTTPError, subprocess.TimeoutExpired):
            return False
        return answer.status_code < 400

    def _await(self, pod: Pod, container: Object, kind: str) -> None:
        if kind not in container:
            return
        for _ in range(max(30, container[kind].get("failureThreshold", 3))):
            if self.probe(pod, container, kind):
                return
            time.sleep(container[kind].get("periodSeconds", 10))
        name = pod.containers[container["name"]]
        raise AssertionError(f"{pod.name}: {kind} fails\n{docker('logs', '--tail', '30', name)}")

    def _run(self, pod: Pod, container: Object) -> str:
        name = f"{self.name}-{pod.name}-{container['name']}"
        user = pod.spec["securityContext"]
        limits = container["resources"]["limits"]
        memory = limits["memory"].replace("Mi", "m").replace("Gi", "g")
        cpu = float(limits["cpu"].removesuffix("m")) / (1000 if limits["cpu"].endswith("m") else 1)
        confined = container["securityContext"]
        assert confined["readOnlyRootFilesystem"]
        assert not confined["allowPrivilegeEscalation"]
        options = [
            "--label", f"msgen-cluster={self.name}", *self._network(pod),
            "--user", f"{user['runAsUser']}:{user['runAsGroup']}",
            "--read-only", "--security-opt", "no-new-privileges:true", "--memory", memory, "--memory-swap", memory,
            "--cpus", str(cpu), *(f"--cap-drop={c}" for c in confined["capabilities"]["drop"]),
        ]  # fmt: skip
        for mount in container["volumeMounts"]:
            options += ["--volume", f"{self.name}-{pod.name}-{mount['name']}:{mount['mountPath']}"]
        for key, value in self._environment(container).items():
            options += ["--env", f"{key}={value}"]
        command = container.get("command", [])
        if command:
            options += ["--entrypoint", command[0]]
        docker(
            "run", "--detach", "--name", name, *options, container["image"], *command[1:], *container.get("args", [])
        )
        return name

    def _network(self, pod: Pod) -> list[str]:
        """Containers of a pod share the network of the first one."""
        if pod.containers:
            return ["--network", f"container:{next(iter(pod.containers.values()))}"]
        return ["--network", self.name, "--dns", self.name_server, "--hostname", pod.name]

    def _make_volumes(self, pod: Pod) -> None:
        """As a kubelet makes them: for everybody, or for the group that the pod asks for."""
        group = pod.spec["securityContext"].get("fsGroup")
        mode = f"uid=0,gid={group},mode=2775" if group else "mode=0777"
        claims = self.workloads[pod.workload]["spec"].get("volumeClaimTemplates", [])
        for volume in [*(v["name"] for v in pod.spec["volumes"]), *(c["metadata"]["name"] for c in claims)]:
            options = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", f"o={mode}"]
            label = f"msgen-cluster={self.name}"
            docker("volume", "create", "--label", label, *options, f"{self.name}-{pod.name}-{volume}")

    def _environment(self, container: Object) -> dict[str, str]:
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                found |= self.settings[source["configMapRef"]["name"]]
            else:
                found |= self.secrets[source["secretRef"]["name"]]
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            value = self.secrets[reference["name"]][reference["key"]] if reference else variable["value"]
            found[variable["name"]] = value
        return found

    def _address(self, container: str) -> str:
        (found,) = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container)).values()
        address: str = found["IPAddress"]
        return address

    def _publish(self) -> None:
        """Tells the name server; atomically, for it reads the file at each question."""
        draft = self.folder / "names.new"
        draft.write_text(json.dumps({name: list(pods.values()) for name, pods in self.endpoints.items()}))
        draft.replace(self.folder / "names.json")


def rendered(root: Path, overlay: str) -> list[Object]:
    command = ["kubectl", "kustomize", f"deploy/kubernetes/overlays/{overlay}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))
