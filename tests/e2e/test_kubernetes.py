"""Images under the constraints of the Kubernetes manifests, and their replacement under load."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx
import pytest

from . import journey
from .cluster import Cluster, docker, rendered
from .conftest import EXAMPLES

SERVICES = ("auth", "users", "orders", "notifications", "analytics")
NAME = "msgen-test-kubernetes"
RATE = 30
"""Requests that each pod of the gateway takes from a client in a second; few, so that slow machines exceed it."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The shop, as `overlays/dev` has it, with as many replicas as `overlays/prod` begins with."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl, which builds the overlays, is not there")
    into = tmp_path_factory.mktemp("kubernetes")
    description = into / "description.yaml"
    shop = (EXAMPLES / "02-shop/msgen.yaml").read_text()
    description.write_text(shop.replace("rate_limit: 100/s", f"rate_limit: {RATE}/s"))
    command = [sys.executable, "-m", "msgen", "new", "--description", str(description)]
    subprocess.run([*command, "--into", str(into)], check=True, stdin=subprocess.DEVNULL)
    root = into / "myshop"
    subprocess.run(["scripts/k8s-secrets"], cwd=root, check=True)
    subprocess.run(["docker", "compose", "build", "--quiet"], cwd=root, check=True, timeout=900)
    for image in (*SERVICES, "gateway", "postgres-setup", "rabbitmq-setup"):
        docker("tag", f"myshop-{image}", f"myshop-{image}:dev")
    replicas = {
        o["metadata"]["name"]: o["spec"]["minReplicas"]
        for o in rendered(root, "prod")
        if o["kind"] == "HorizontalPodAutoscaler"
    }
    assert set(replicas.values()) == {2}
    (into / "names").mkdir()
    with Cluster(rendered(root, "dev"), into / "names", NAME) as cluster:
        for name in ("postgres", "rabbitmq", "mail"):
            cluster.start(name)
        with ThreadPoolExecutor(2) as starters:
            for name in [*SERVICES, *SERVICES, "gateway", "gateway"]:
                starters.submit(cluster.start, name)
        assert sorted(p.workload for p in cluster.running) == sorted(
            ["postgres", "rabbitmq", "mail", *2 * SERVICES, *2 * ["gateway"]]
        )
        yield cluster


class Balancer(httpx.BaseTransport):
    """What an ingress controller does: takes turns among the gateway's pods, and says who the client is."""

    def __init__(self, cluster: Cluster, client: str) -> None:
        self.cluster, self.client, self.number = cluster, client, 0
        self.inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        addresses = list(self.cluster.endpoints["gateway"].values())
        self.number += 1
        request.url = request.url.copy_with(host=addresses[self.number % len(addresses)], port=8081)
        request.headers["X-Forwarded-For"] = self.client
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()


def new_client(cluster: Cluster, client: str) -> httpx.Client:
    return httpx.Client(base_url="http://gateway", transport=Balancer(cluster, client), timeout=20)


def in_auth(cluster: Cluster) -> journey.Execute:
    """Return a function that runs a command in a container of the auth service."""
    pod = next(p for p in cluster.running if p.workload == "auth")
    return lambda *command: docker("exec", pod.containers["app"], *command)


def eventually(seconds: float, check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def mails(cluster: Cluster) -> set[str]:
    (pod,) = (p for p in cluster.running if p.workload == "mail")
    return {m["to"][0]["address"] for m in httpx.get(f"http://{pod.address}:1080/email", timeout=20).json()}


def test_the_shop_works_as_it_is_confined(cluster: Cluster) -> None:
    with new_client(cluster, "203.0.113.1") as client:
        somebody = journey.log_in_admin(client, in_auth(cluster))
        journey.user(client)
        before = journey.counted(client, "order.created")
        client.post("/orders", json=journey.ORDER).raise_for_status()
        eventually(30, lambda: journey.counted(client, "order.created") == before + 1)
        eventually(30, lambda: somebody.email in mails(cluster))
    for pod in cluster.running:
        for container in pod.spec["containers"]:
            for kind in ("readinessProbe", "livenessProbe"):
                assert cluster.probe(pod, container, kind), (pod.name, kind)
            state = json.loads(docker("inspect", "--format", "{{json .State}}", pod.containers[container["name"]]))
            assert state["Running"]
            assert not state["OOMKilled"]


def test_clients_behind_a_proxy_have_a_limit_each(cluster: Cluster) -> None:
    with new_client(cluster, "203.0.113.2") as one, new_client(cluster, "203.0.113.3") as other:
        statuses = {one.get("/health").status_code for _ in range(10 * RATE)}
        assert statuses == {200, 429}
        assert other.get("/health").status_code == 200


class Load:
    """Clients that go on and on; every answer counts."""

    def __init__(self, cluster: Cluster, clients: int) -> None:
        self.cluster, self.done, self.created, self.registered = cluster, 0, 0, []
        self.lost: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(clients)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def run(self, number: int) -> None:
        with new_client(self.cluster, f"203.0.113.{10 + number}") as client:
            journey.log_in(client)
            journey.user(client)
            while not self.over.is_set():
                try:
                    self.go_round(client)
                except (httpx.HTTPError, KeyError) as error:
                    self.lost.append(f"{time.monotonic():.1f} {error!r}")
                time.sleep(0.25)

    def go_round(self, client: httpx.Client) -> None:
        order = client.post("/orders", json=journey.ORDER).raise_for_status().json()
        self.created += 1
        user = client.get("/auth/me").raise_for_status().json()["id"]
        client.get(f"/users/{user}").raise_for_status()
        client.patch(f"/orders/{order['id']}", json={"total": "13.50"}).raise_for_status()
        client.get("/orders").raise_for_status()
        self.done += 5


def test_no_request_is_lost_when_everything_is_replaced(cluster: Cluster) -> None:
    with new_client(cluster, "203.0.113.4") as client:
        journey.log_in_admin(client, in_auth(cluster))
        before = journey.counted(client, "order.created")
        with Load(cluster, clients=3) as load, ThreadPoolExecutor() as updates:
            old = {p.name for p in cluster.running if p.workload in (*SERVICES, "gateway")}
            for update in [updates.submit(cluster.replace, name) for name in (*SERVICES, "gateway")]:
                update.result()
        assert load.lost == []
        assert load.done > 200
        assert not old & {p.name for p in cluster.running}
        eventually(60, lambda: journey.counted(client, "order.created") == before + load.created)
