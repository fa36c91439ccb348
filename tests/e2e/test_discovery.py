"""Discovery through a real Consul and a real Eureka: instances of services that come, share the calls, and go."""

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from . import journey
from .conftest import EXAMPLES, System, running

GONE_SECONDS = {"consul": 15, "eureka": 20}
"""Until one that was killed is forgotten: Consul asks every 5 s, Eureka waits for a lease of 16 s to end."""


@dataclass(frozen=True)
class Found(System):
    registry: str

    def passing(self, service: str) -> list[str]:
        """The instances of a service that the registry says are well."""
        try:
            answer = httpx.get(self._asked(service), headers={"Accept": "application/json"}, timeout=5)
            found = answer.raise_for_status().json()
        except httpx.HTTPError:
            return []
        if self.registry == "consul":
            return [instance["Service"]["ID"] for instance in found]
        return [i["instanceId"] for i in found["application"]["instance"] if i["status"] == "UP"]

    def _asked(self, service: str) -> str:
        page = f"http://127.0.0.1:{self.environment[f'{self.registry.upper()}_PAGE_PORT']}"
        if self.registry == "consul":
            return f"{page}/v1/health/service/{service}?passing=true"
        return f"{page}/eureka/apps/{service.upper()}"


@pytest.fixture(scope="module", params=GONE_SECONDS)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """The shop, whose services find each other through a registry: two instances of orders, two of users."""
    name = f"found-{request.param}"
    description = tmp_path_factory.mktemp("found") / "msgen.yaml"
    shop = (EXAMPLES / "02-shop/msgen.yaml").read_text().replace("rate_limit: 100/s", "rate_limit: 10000/s")
    description.write_text(f"{shop.replace('name: myshop', f'name: {name}')}\ndiscovery: {request.param}\n")
    with running(name, tmp_path_factory.mktemp("system"), "--description", str(description)) as started:
        system = Found(started.root, started.environment, request.param)
        scale(system, orders=2, users=2)
        yield system


def scale(system: Found, **instances: int) -> None:
    options = [word for name, number in instances.items() for word in ("--scale", f"{name}={number}")]
    system.compose("up", "--detach", "--no-recreate", "--wait", *options, *instances)
    for name, number in instances.items():
        wait_until(lambda n=name, x=number: len(system.passing(n)) == x)
    time.sleep(3)  # until the gateway has asked again


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds
        time.sleep(0.3)
    return time.monotonic() - start


def containers(system: System, service: str) -> list[str]:
    return system.compose("ps", "--quiet", service).split()


def handled(system: System, service: str, since: float) -> Counter[str]:
    """How many requests each container of a service has logged."""
    counts: Counter[str] = Counter()
    for container in containers(system, service):
        lines = system.run("docker", "logs", "--since", f"{since:.3f}", container).splitlines()
        counts[container] = sum('"request"' in line for line in lines)
    return counts


class Load:
    """Reads orders all the time, each of which asks for nothing else, and creates some, which asks for users."""

    def __init__(self) -> None:
        self.failures: list[tuple[float, str]] = []
        self.requests = 0


@contextmanager
def load(system: System) -> Iterator[Load]:
    under, stop = Load(), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=system.url, timeout=10) as client:
            journey.log_in(client)
            journey.user(client)
            while not stop.is_set():
                for ask in (lambda: client.get("/orders"), lambda: client.post("/orders", json=journey.ORDER)):
                    under.requests += 1
                    try:
                        answer = ask()
                        failure = "" if answer.is_success else f"{answer.status_code} {answer.text}"
                    except httpx.HTTPError as error:
                        failure = repr(error)
                    if failure:
                        under.failures.append((time.time(), failure))
                time.sleep(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield under
    finally:
        stop.set()
        thread.join()


def test_instances_share_the_requests_of_the_gateway_and_the_calls_of_services(found: Found) -> None:
    since = time.time()
    with load(found) as under:
        time.sleep(5)
    assert under.failures == []
    for service in ("orders", "users"):
        counts = handled(found, service, since)
        assert len(counts) == 2
        assert min(counts.values()) > max(counts.values()) / 4, counts


def test_an_instance_that_is_killed_leaves_and_nothing_fails_afterwards(found: Found) -> None:
    with load(found) as under:
        time.sleep(2)
        users, orders = containers(found, "users")[0], containers(found, "orders")[0]
        killed = time.time()
        subprocess.run(["docker", "kill", users, orders], check=True, stdout=subprocess.DEVNULL)
        for service in ("users", "orders"):
            wait_until(lambda s=service: len(found.passing(s)) == 1, GONE_SECONDS[found.registry])
        gone = time.time()
        time.sleep(8)
    assert gone - killed < GONE_SECONDS[found.registry]
    # With Consul, the gateway asks every two seconds where instances are.
    assert [failure for failure in under.failures if failure[0] > gone + 3] == []


def test_another_one_joins_with_no_restart_of_anyone(found: Found) -> None:
    running_before = {c for s in ("gateway", "orders", "analytics") for c in containers(found, s)}
    since = time.time()
    with load(found) as under:
        scale(found, users=2, orders=2)
        since = time.time()
        time.sleep(5)
    assert under.failures == []
    assert all(handled(found, "users", since).values())
    assert running_before <= {c for s in ("gateway", "orders", "analytics") for c in containers(found, s)}


def test_one_that_stops_in_order_fails_nothing(found: Found) -> None:
    with load(found) as under:
        time.sleep(1)
        subprocess.run(["docker", "stop", containers(found, "users")[0]], check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: len(found.passing("users")) == 1)
        time.sleep(2)
    assert under.failures == []


def test_instances_stay_while_their_database_is_away(found: Found) -> None:
    found.compose("stop", "postgres")
    try:
        time.sleep(12)  # two rounds of the registries' checks
        for service in ("auth", "users", "orders"):
            wait_until(lambda s=service: len(found.passing(s)) == len(containers(found, s)), 30)
    finally:
        found.compose("up", "--detach", "--wait", "postgres")

    def logs_in() -> bool:
        try:
            with httpx.Client(base_url=found.url, timeout=10) as client:
                journey.log_in(client)
        except httpx.HTTPError:
            return False
        return True

    wait_until(logs_in)


def test_a_registry_that_restarts_is_told_again(found: Found) -> None:
    """Services go on with what they knew. With Consul the gateway has nobody until the first checks have passed."""
    found.compose("restart", found.registry)
    for service in ("auth", "users", "orders", "analytics"):
        wait_until(lambda s=service: len(found.passing(s)) > 0)
    time.sleep(3)
    with load(found) as under:
        time.sleep(2)
    assert under.failures == []


@pytest.mark.parametrize("found", ["eureka"], indirect=True)
def test_without_eureka_all_goes_on(found: Found) -> None:
    with load(found) as under:
        found.compose("restart", "eureka")
        for service in ("auth", "users", "orders"):
            wait_until(lambda s=service: len(found.passing(s)) > 0)
        time.sleep(3)
    assert under.failures == []


def test_a_gateway_that_restarts_finds_them_again(found: Found) -> None:
    found.compose("restart", "gateway")

    def answers() -> bool:
        try:
            return httpx.get(f"{found.url}/.well-known/jwks.json").is_success
        except httpx.HTTPError:
            return False

    assert wait_until(answers) < 15
