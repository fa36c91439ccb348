"""Generated systems, built and started with Docker."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], System]]:
    """Generates an example's system, once, and starts it; all are removed in the end."""
    started: dict[str, System] = {}

    def start_example(example: str) -> System:
        if example not in started:
            started[example] = system = generate(example, tmp_path_factory.mktemp("system"))
            system.run("make", "up", timeout=1800)
        return started[example]

    yield start_example
    for system in started.values():
        system.compose("down", "--volumes", "--remove-orphans")


def generate(example: str, into: Path) -> System:
    command = [sys.executable, "-m", "msgen", "new", "--description", str(EXAMPLES / example / "msgen.yaml")]
    subprocess.run([*command, "--into", str(into)], check=True, stdin=subprocess.DEVNULL)
    (root,) = into.iterdir()
    environment = os.environ | {
        "COMPOSE_PROJECT_NAME": f"msgen-test-{example}",
        "GATEWAY_PORT": str(free_port()),
        "MAIL_PAGE_PORT": str(free_port()),
        "RABBITMQ_PAGE_PORT": str(free_port()),
    }
    return System(root, environment)


@pytest.fixture(scope="session")
def shop(start: Callable[[str], System]) -> System:
    return start("02-shop")
