"""Random changes of a resource with rows: both versions of a service work on the new schema, and read each other."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest

from .conftest import generate
from .nodejs import NodeTools
from .postgres import Postgres, postgres
from .random_descriptions import FIELDS, WORDS, field_spec, valid
from .test_node import node_tools
from .test_random_systems import migrate

__all__ = ["node_tools", "postgres"]

PYTHON = """
import asyncio, json, os, sys
from chassis.testing.plugin import ENVIRONMENT
os.environ.update(ENVIRONMENT, DATABASE_URL=sys.argv[1], LOG_LEVEL="error")
from httpx import ASGITransport, AsyncClient
import app.messages
from app.main import create_app
from chassis.events import Event, Message, reader

async def answer(client, method, target, body):
    if method == "READ":
        kind = next(kind for kind in Message.__subclasses__() if kind.TYPE == json.loads(body)["type"])
        return 200, reader(Event[kind]).model_validate_json(body).data.model_dump_json()
    response = await client.request(method, target, json=body)
    return response.status_code, response.text

async def serve():
    application = create_app()
    client = AsyncClient(transport=ASGITransport(application), base_url="http://test")
    async with application.router.lifespan_context(application), client:
        for line in sys.stdin:
            print(json.dumps(await answer(client, *json.loads(line))), flush=True)

asyncio.run(serve())
"""
NODE = """
process.env.DATABASE_URL = process.argv[1];
const { createInterface } = await import("node:readline");
const { createApp } = await import("./src/main.ts");
const messages = await import("./src/messages.ts");
const { connectDatabase } = await import("./chassis/database.ts");
const { readEnvelope } = await import("./chassis/cloudevents.ts");
const { MemoryBroker } = await import("./chassis/testing/memory-broker.ts");
const app = createApp({ database: connectDatabase(), broker: new MemoryBroker() });
const server = app.express.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

async function answer(method, target, body) {
  if (method === "READ") {
    const envelope = readEnvelope(Buffer.from(body));
    const message = Object.values(messages).find(({ type }) => type === envelope.type);
    return [200, JSON.stringify(message.schema.parse(envelope.data))];
  }
  const response = await fetch(`http://127.0.0.1:${server.address().port}${target}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === null ? undefined : JSON.stringify(body),
  });
  return [response.status, await response.text()];
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(...JSON.parse(line))));
}
process.exit(0);
"""
STAMPS = ("id", "version", "created_at", "updated_at")


class Version:
    """A version of the service, running without its broker."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, method: str, target: str, body: object = None) -> tuple[int, Any]:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([method, target, body]), file=self._process.stdin, flush=True)
        logged = ""
        while not (line := self._process.stdout.readline()).startswith("["):
            assert line, logged
            logged += line
        status, text = json.loads(line)
        return status, (json.loads(text) if text else None) if status < 500 else logged

    def get(self, target: str) -> Any:
        status, shown = self.ask("GET", target)
        assert status == 200, shown
        return shown

    def create(self, body: dict[str, Any]) -> None:
        status, shown = self.ask("POST", "/things", body)
        assert status == 201, (shown, body)
        self.rewrite(shown)

    def rewrite(self, shown: dict[str, Any]) -> None:
        """Send a resource back as it was shown: what the service stores satisfies its own rules."""
        body = {key: value for key, value in shown.items() if key not in STAMPS and value is not None}
        status, answer = self.ask("PATCH", f"/things/{shown['id']}", body)
        assert status == 200, (answer, body)


@contextmanager
def running(service: Path, url: str, python_tools: Path, node_tools: NodeTools) -> Iterator[Version]:
    node = ["node", "--import", "./chassis/testing/setup.ts", "--input-type=module", "-e", NODE, url]
    python = [str(python_tools / "python"), "-c", PYTHON, url]
    command = node if (service / "package.json").exists() else python
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=service, env=node_tools.environment, text=True, **pipes) as process:
        yield Version(process)
        process.stdin.close()


def changed(random: Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Add fields, widen enums, and change the order."""
    new = {name: dict(spec) for name, spec in fields.items()}
    for spec in new.values():
        if "enum" in spec and random.random() < 0.7:
            spec["enum"] = random.sample(WORDS, len(WORDS))
    for name in random.sample([name for name in FIELDS if name not in fields], random.randint(1, 4)):
        new[name] = {key: value for key, value in field_spec(random).items() if key != "unique"}
        if new[name].get("type") == "json":
            new[name]["optional"] = True
        elif not new[name].keys() & {"optional", "default"}:
            new[name]["backfill"] = fitting(new[name], 1)
    return dict(random.sample(sorted(new.items()), len(new)))


def fitting(spec: dict[str, Any], number: int) -> Any:
    """Return a value for a field, different with each number unless the field is bounded."""
    least, most = spec.get("min", 0), spec.get("max", 100)
    if "enum" in spec:
        return spec["enum"][number % len(spec["enum"])]
    values = {
        "string": str(number).zfill(max(least, 3)),
        "text": str(number).zfill(max(least, 3)),
        "email": f"ann{number}@example.com",
        "url": f"https://example.com/{number}",
        "uuid": f"0b9e6f5c-3f0e-4a52-8f67-2d1c5b7a9e{number:02}",
        "integer": min(least + number, most),
        "number": least + number / 100,
        "decimal": str(least + number / 100),
        "boolean": number % 2 == 0,
        "date": f"20{number:02}-01-31",
        "datetime": f"2030-01-01T12:00:{number:02}Z",
        "json": {"number": number},
    }
    return values[spec["type"]]


def body(fields: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        name: fitting(spec, number)
        for number, (name, spec) in enumerate(fields.items(), start=number)
        if not (spec.get("optional") or "default" in spec) or number % 2
    }


def drawn(random: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a resource before and after a change."""
    fields = {name: field_spec(random) for name in random.sample(FIELDS, random.randint(3, 8))}
    return fields, changed(random, fields)


def described(language: str, fields: dict[str, Any]) -> dict[str, Any]:
    publishes = ["thing.created", "thing.updated"]
    service = {"language": language, "resources": {"thing": fields}, "publishes": publishes}
    return {"msgen": 1, "name": "made", "services": {"a": service}}


@pytest.mark.parametrize("language", ["python", "node"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 20))])
def test_random_changes(
    seed: int, language: str, tmp_path: Path, python_tools: Path, node_tools: NodeTools, postgres: Postgres
) -> None:
    random = Random(seed)
    fields, later = next(
        pair for pair in iter(lambda: drawn(random), None) if all(valid(described(language, each)) for each in pair)
    )
    root = generate(described(language, fields), tmp_path)
    (tmp_path / "node_modules").symlink_to(node_tools.modules)
    old, new = tmp_path / "services/old", root / "services/a"
    copytree(new, old)
    (root / "msgen.yaml").write_text(json.dumps(described(language, later)))
    done = subprocess.run([sys.executable, "-m", "msgen", "apply"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    with postgres.database() as database:
        url = postgres.url(database)
        migrate(old, url, python_tools, node_tools)
        with running(old, url, python_tools, node_tools) as before:
            for number in range(3):
                before.create(body(fields, 10 * number))
            migrate(new, url, python_tools, node_tools)
            with running(new, url, python_tools, node_tools) as after:
                check(before, after, fields, later)
                for message in postgres.sql(database, "select body from outbox order by position").splitlines():
                    for version in (before, after):
                        status, data = version.ask("READ", "", message)
                        assert status == 200, data
                        assert set(data) >= {"id"}


def check(before: Version, after: Version, fields: dict[str, Any], later: dict[str, Any]) -> None:
    """Each version reads, creates and updates, whoever wrote the rows."""
    for shown in after.get("/things")["items"]:
        assert set(later) <= set(shown)
        after.rewrite(shown)
    before.create(body(fields, 40))
    after.create(body(later, 50))
    for version in (before, after):
        assert len(version.get("/things")["items"]) == 5
    for shown in after.get("/things")["items"]:
        after.rewrite(shown)
