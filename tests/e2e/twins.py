"""One system in both languages at once: each service runs twice, and relies on those of the other language.

The services of one language check the tokens that the other one's issue, ask its services by REST, and read
its messages, so that what is said of one is true of both.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from . import journey
from .conftest import System, environment

DESCRIPTION = Path(__file__).with_name("twins.yaml")
SERVICES = ("accounts", "catalog", "lending")
LANGUAGES = ("python", "node")
OTHER = {"python": "node", "node": "python"}

NODE_DEFINITIONS = r"""
sed 's|"vhost": "/"|"vhost": "node"|' /definitions.json >/tmp/node.json
sed 's| /definitions.json| /tmp/node.json|' /setup.sh | sh
"""
"""Imports the broker's definitions into the virtual host of the Node.js services."""


@dataclass(frozen=True)
class Twins:
    """The running pair."""

    system: System

    def url(self, service: str, language: str) -> str:
        port = self.system.compose("port", twin(service, language), "8000").rpartition(":")[2]
        return f"http://127.0.0.1:{port.strip()}"

    def client(self, service: str, language: str) -> httpx.Client:
        return httpx.Client(base_url=self.url(service, language), timeout=20)

    def account(self, language: str) -> journey.Account:
        with self.client("accounts", language) as client:
            return journey.account(client, "/accounts")

    def sql(self, service: str, language: str, statement: str) -> str:
        database = ("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", database_of(service, language))
        return self.system.compose(*database, "-Atc", statement).strip()


def twin(service: str, language: str) -> str:
    return service if language == "python" else f"{service}-{language}"


def database_of(service: str, language: str) -> str:
    return twin(service, language).replace("-", "_")


@contextmanager
def running_twins(into: Path) -> Iterator[Twins]:
    roots = {language: generate(language, into / language) for language in LANGUAGES}
    (roots["python"] / "compose.yaml").write_text(json.dumps(composed(roots)))
    system = System(roots["python"], environment("twins"))
    try:
        system.run("scripts/make-env")
        system.compose("build", timeout=1800)
        system.compose("up", "--detach", "--wait", "postgres", "rabbitmq")
        system.compose("run", "--rm", "postgres-setup")
        for service in SERVICES:
            owner, database = f"{service}.owner", database_of(service, "node")
            system.compose("exec", "-T", "postgres", "createdb", "-U", "postgres", "-O", owner, database)
            default = f'alter default privileges for role "{owner}" grant all on'
            granted = f"{default} tables to {service}; {default} sequences to {service}"
            system.compose("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", database, "-c", granted)
        system.compose("exec", "-T", "rabbitmq", "rabbitmqctl", "add_vhost", "node")
        system.compose("run", "--rm", "--no-deps", "--entrypoint", "sh", "rabbitmq-setup", "-c", NODE_DEFINITIONS)
        names = [twin(service, language) for service in SERVICES for language in LANGUAGES]
        system.compose("up", "--detach", "--wait", *names)
        yield Twins(system)
    finally:
        system.compose("down", "--volumes", "--remove-orphans")


def generate(language: str, into: Path) -> Path:
    into.mkdir()
    description = into / "twins.yaml"
    description.write_text(f"{DESCRIPTION.read_text()}\ndefaults: {{language: {language}, access: open}}\n")
    command = [sys.executable, "-m", "msgen", "new", "twins", "--description", description, "--into", into, "--no-git"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return into / "twins"


def composed(roots: dict[str, Path]) -> dict[str, Any]:
    """One system of both: the Node.js services are put beside the Python ones, each with a database of its own."""
    # By way of JSON, for what has one anchor in YAML would be one object.
    files = {language: (root / "compose.yaml").read_text() for language, root in roots.items()}
    systems = {language: json.loads(json.dumps(yaml.safe_load(text))) for language, text in files.items()}
    both = systems["python"]
    del both["services"]["gateway"]
    for language, system in systems.items():
        for service in SERVICES:
            for name in (service, f"{service}-migrate"):
                found = system["services"][name]
                found["image"] = f"twins-{twin(service, language)}"
                connect(found["environment"], service, language)
                if name == service:
                    found["build"] = str(roots[language] / "services" / service)
                    found["ports"] = ["127.0.0.1::8000"]
                    migration = found["depends_on"].pop(f"{service}-migrate")
                    found["depends_on"][twin(f"{service}-migrate", language)] = migration
                both["services"][twin(name, language)] = found
    return both


def connect(settings: dict[str, str], service: str, language: str) -> None:
    """A service's own database, and the other language's services and messages."""
    settings["DATABASE_URL"] = settings["DATABASE_URL"].removesuffix(service) + database_of(service, language)
    for name, other in (("JWKS_URL", "accounts"), ("CATALOG_URL", "catalog")):
        if name in settings:
            settings[name] = settings[name].replace(f"//{other}:", f"//{twin(other, OTHER[language])}:")
    if (OTHER[language] if service == "lending" else language) == "node":
        settings["BROKER_URL"] += "node"
