"""The shop with a real database, broker, gateway and mail catcher, without containers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from msgen.dev import leftovers
from msgen.dev.state import read_state
from tests.conftest import ROOT
from tests.e2e import journey

SECONDS = 60
pytestmark = pytest.mark.skipif(
    not shutil.which("rabbitmq-server", path=f"{os.environ['PATH']}:/usr/sbin"), reason="RabbitMQ is not installed"
)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


class Shop:
    def __init__(self, root: Path) -> None:
        self.root, self.dev = root, root / ".msgen/dev"

    def msgen(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "msgen", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pid(self, part: str) -> int:
        return read_state(self.dev).parts[part].pid

    def is_ready(self, part: str, before: int) -> bool:
        return read_state(self.dev).parts[part].status == "ready" and self.pid(part) != before


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT / "build/dev-cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    made = Shop(tmp_path)
    made.msgen("new", "shop", "--defaults", "--no-git")
    made = Shop(tmp_path / "shop")
    yield made
    made.msgen("dev", "reset")


def test_shop_runs_without_containers(shop: Shop) -> None:
    shop.msgen("dev", "--detach")
    pages = read_state(shop.dev).pages
    with httpx.Client(base_url=pages["Gateway"], timeout=20) as client:
        order_something(shop, client)
        state = httpx.get(f"{pages['msgen']}/api/state").json()["state"]
        assert {part["status"] for part in state["parts"]} == {"ready", "done"}
        until(lambda: httpx.get(f"{pages['Mails']}/email").json())
        restarts(shop)
        reloads(shop, client)
        order_something(shop, client)
    assert "users was killed by signal 9" in shop.msgen("dev", "logs", "msgen")
    # However the supervisor ends, nothing is left of the system.
    os.kill(int((shop.dev / "lock").read_text()), signal.SIGKILL)
    until(lambda: not leftovers.find(str(shop.dev)))
    stops(shop)


def order_something(shop: Shop, client: httpx.Client) -> None:
    client.headers.pop("Authorization", None)
    journey.log_in_admin(client, lambda *command: shop.msgen("dev", "exec", "auth", *command))
    before = counted(client)
    journey.user(client)
    client.post("/orders", json=journey.ORDER).raise_for_status()
    until(lambda: counted(client) == before + 1)


def counted(client: httpx.Client) -> int:
    events: dict[str, int] = client.get("/analytics/stats").raise_for_status().json()["events"]
    return events.get("order.created", 0)


def restarts(shop: Shop) -> None:
    """A killed service runs again."""
    before = shop.pid("users")
    os.kill(before, signal.SIGKILL)
    until(lambda: shop.is_ready("users", before))


def reloads(shop: Shop, client: httpx.Client) -> None:
    """A changed file is read, in both languages."""
    before = {name: shop.pid(name) for name in ("orders", "auth")}
    for file in ("orders/app/main.py", "auth/src/main.ts"):
        path = shop.root / "services" / file
        path.write_text(path.read_text() + "\n")
    for name, pid in before.items():
        until(lambda name=name, pid=pid: shop.is_ready(name, pid))  # type: ignore[misc]
        assert not psutil.pid_exists(pid)
    until(lambda: client.get("/orders").status_code == 200)


def stops(shop: Shop) -> None:
    """The next start works after a kill, and `stop` ends it."""
    shop.msgen("dev", "--detach", "--no-reload")
    assert "users" in shop.msgen("dev", "status")
    assert json.loads((shop.dev / "ports.json").read_text())
    assert shop.msgen("dev", "stop") == "Stopped.\n"
    assert leftovers.find(str(shop.dev)) == []
