"""Generated systems, built and started with Docker."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class System:
    """A running system."""

    root: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['GATEWAY_PORT']}"

    @property
    def mails_url(self) -> str:
        return f"http://127.0.0.1:{self.environment['MAIL_PAGE_PORT']}"

    def run(self, *command: str, timeout: float = 900) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            timeout=timeout,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-12000:]}"
        return done.stdout

    def compose(self, *arguments: str, timeout: float = 300) -> str:
        return self.run("docker", "compose", *arguments, timeout=timeout)


def docker_answers() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.fixture(scope="session", autouse=True)
def docker() -> None:
    if not docker_answers():
        pytest.skip("Docker does not answer here")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(name: str, into: Path, *options: str) -> Iterator[System]:
    """Generates a system and starts it; nothing of it is left in the end but its images."""
    command = [sys.executable, "-m", "msgen", "new", *options, "--into", str(into)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (root,) = into.iterdir()
    environment = os.environ | {
        "COMPOSE_PROJECT_NAME": f"msgen-test-{name}",
        "GATEWAY_PORT": str(free_port()),
        "CONSUL_PAGE_PORT": str(free_port()),
        "JAEGER_PAGE_PORT": str(free_port()),
        "MAIL_PAGE_PORT": str(free_port()),
        "RABBITMQ_PAGE_PORT": str(free_port()),
    }
    system = System(root, environment)
    try:
        system.run("make", "up", timeout=1800)
        yield system
    finally:
        system.compose("down", "--volumes", "--remove-orphans")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    description = str(EXAMPLES / "02-shop/msgen.yaml")
    with running("shop", tmp_path_factory.mktemp("shop"), "--description", description) as system:
        yield system
