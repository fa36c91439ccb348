"""The shop on real containers: its own system tests, and what they cannot see from outside."""

import json
import stat
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from . import journey
from .conftest import System

SERVICES = ("auth", "users", "orders", "notifications", "analytics")


def inspect(system: System, service: str) -> dict:
    container = system.compose("ps", "--quiet", service).strip()
    return json.loads(subprocess.check_output(["docker", "inspect", container]))[0]


def logs(system: System, service: str, since: float = 0) -> list[str]:
    """The lines that a service has written since a time, on stdout and stderr."""
    container = system.compose("ps", "--quiet", service).strip()
    return system.run("docker", "logs", "--since", f"{since:.0f}", container).splitlines()


def test_its_system_tests_are_green(shop: System) -> None:
    output = shop.run("make", "system-test", timeout=900)
    assert " passed" in output
    assert " skipped" not in output


def test_only_the_gateway_is_published_to_the_network(shop: System) -> None:
    published = {}
    for line in shop.compose("ps", "--format", "json").splitlines():
        container = json.loads(line)
        for port in container["Publishers"] or []:
            if port["PublishedPort"]:
                published.setdefault(container["Service"], set()).add(port["URL"])
    assert published.pop("gateway")
    assert published.keys() >= {"mail", "rabbitmq"}
    assert all(addresses == {"127.0.0.1"} for addresses in published.values())


@pytest.mark.parametrize("service", [*SERVICES, "gateway", "postgres", "rabbitmq", "mail"])
def test_containers_are_confined(shop: System, service: str) -> None:
    found = inspect(shop, service)
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert not found["HostConfig"]["CapAdd"]
    assert found["HostConfig"]["Memory"] > 0
    assert "no-new-privileges:true" in found["HostConfig"]["SecurityOpt"]
    rows = subprocess.check_output(["docker", "top", found["Id"], "-eo", "pid,uid"], text=True).splitlines()[1:]
    assert rows
    assert "0" not in {row.split()[1] for row in rows}


def test_secrets_stay_out_of_git(shop: System) -> None:
    secrets = shop.root / ".env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    values = [line.partition("=")[2] for line in secrets.read_text().splitlines()]
    tracked = shop.run("git", "ls-files").split()
    assert ".env" not in tracked
    committed = "".join(Path(shop.root, path).read_text() for path in tracked)
    assert all(len(value) >= 40 and value not in committed for value in values)
    assert shop.run("git", "status", "--porcelain") == ""


def test_one_correlation_id_from_the_gateway_to_the_mailer(shop: System) -> None:
    request_id = str(uuid4())
    body = {"email": f"{uuid4().hex}@example.com", "password": journey.PASSWORD, "name": "Ada"}
    answer = httpx.post(f"{shop.url}/auth/register", json=body, headers={"X-Request-ID": request_id})
    assert answer.status_code == 202
    assert answer.headers["X-Request-ID"] == request_id

    def wrote(service: str) -> bool:
        return any(json.loads(line).get("labels.correlation_id") == request_id for line in logs(shop, service))

    deadline = time.monotonic() + 30
    waiting = {"gateway", "auth", "notifications", "analytics"}
    while waiting and time.monotonic() < deadline:
        waiting -= {service for service in waiting if wrote(service)}
    assert not waiting


def test_logs_are_json_lines_without_secrets(shop: System) -> None:
    for service in SERVICES:
        lines = logs(shop, service)
        assert lines
        for line in lines:
            assert {"@timestamp", "log.level", "message", "service.name"} <= json.loads(line).keys()
            assert journey.PASSWORD not in line
            assert "eyJ" not in line
