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
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .twins import Twins

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGES = (
    "GATEWAY",
    "MAIL_PAGE",
    "RABBITMQ_PAGE",
    "PROMETHEUS",
    "ALERTMANAGER",
    "GRAFANA",
    "KIBANA",
    "JAEGER_PAGE",
    "CONSUL_PAGE",
    "EUREKA_PAGE",
    "DASHBOARD",
    "IDENTITY_PROVIDER",
)
"""Those whose ports on the host can be chosen."""


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

    def run(self, *command: str, timeout: float = 900, code: int = 0, given: str | None = None) -> str:
        """What a command prints."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            timeout=timeout,
            text=True,
            check=False,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == code, f"{' '.join(command)}:\n{done.stdout[-12000:]}"
        return done.stdout

    def compose(self, *arguments: str, timeout: float = 300) -> str:
        return self.run("docker", "compose", *arguments, timeout=timeout)


SYSTEMS = pytest.StashKey[dict[str, System]]()
SHARED = ("twins", "traced", "shop")
"""Fixtures of systems that several modules use."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the modules that share a system one after the other."""
    users = {name: {item.path for item in items if name in _fixtures(item)} for name in SHARED}
    items.sort(key=lambda item: [item.path not in users[name] for name in SHARED])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Stop a shared system after its last test: idle containers slow down the rest."""
    yield
    later = item.session.items[item.session.items.index(item) + 1 :]
    for name in set(SHARED).intersection(_fixtures(item)):
        system = item.session.stash.get(SYSTEMS, {}).get(name)
        if system and not any(name in _fixtures(other) for other in later):
            system.compose("--profile", "*", "kill")


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> dict[str, System]:
    return request.session.stash.setdefault(SYSTEMS, {})


def docker_answers() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.fixture(scope="session", autouse=True)
def docker() -> None:
    if not docker_answers():
        pytest.skip("Docker does not answer here")


def provide(*images: str) -> None:
    """Makes sure that images are there, where no registry is reached."""
    subprocess.run([Path(__file__).parent / "images/build", *images], check=True, stdout=subprocess.DEVNULL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(name: str) -> dict[str, str]:
    """In which compose runs a system under a name and on ports of its own."""
    return os.environ | {
        "COMPOSE_PROJECT_NAME": f"msgen-test-{name}",
        **{f"{page}_PORT": str(free_port()) for page in PAGES},
    }


@contextmanager
def making(name: str, into: Path, *options: str) -> Iterator[System]:
    """Generates a system; nothing of it is left in the end but its images."""
    command = [sys.executable, "-m", "msgen", "new", *options, "--into", str(into)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (root,) = into.iterdir()
    system = System(root, environment(name))
    try:
        yield system
    finally:
        system.compose("--profile", "*", "down", "--volumes", "--remove-orphans")


@contextmanager
def running(name: str, into: Path, *options: str) -> Iterator[System]:
    """Generates a system and starts it."""
    with making(name, into, *options) as system:
        system.run("make", "up", timeout=1800)
        yield system


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, shared: dict[str, System]) -> Iterator[System]:
    description = str(EXAMPLES / "02-shop/msgen.yaml")
    with running("shop", tmp_path_factory.mktemp("shop"), "--description", description) as system:
        shared["shop"] = system
        yield system


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory, shared: dict[str, System]) -> Iterator[System]:
    """The shop with traces and with what collects logs; neither is started."""
    description = tmp_path_factory.mktemp("traced") / "msgen.yaml"
    shop = (EXAMPLES / "02-shop/msgen.yaml").read_text().replace("name: myshop", "name: traced")
    description.write_text(f"{shop}\nobservability: {{traces: jaeger, logs: elk}}\n")
    with running("traced", tmp_path_factory.mktemp("system"), "--description", str(description)) as system:
        shared["traced"] = system
        yield system


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory, shared: dict[str, System]) -> Iterator["Twins"]:
    from .twins import running_twins

    with running_twins(tmp_path_factory.mktemp("twins")) as pair:
        shared["twins"] = pair.system
        yield pair
