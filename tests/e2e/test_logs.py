"""From the lines of real containers into Elasticsearch, with the users and templates that the set-up makes.

Filebeat and Logstash are stood in for by `shipping`. Where the image of Elasticsearch cannot be pulled, it is built
from a distribution that has data streams and security, but not all types of fields.
"""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from . import journey
from .conftest import System, provide
from .shipping import Event, Pipeline, documents
from .test_shop import SERVICES

STREAM = "logs-traced-default"
IN_PLACE_OF = {"match_only_text": "text", "wildcard": "keyword"}
"""Types that not every distribution has, and those that take the same values."""
LONG_PATH = f"/orders/{'x' * 15_850}"
"""Within the gateway's limit of 16 KiB of headers; its log line is longer than an entry of Docker's, 16 KiB."""


@dataclass(frozen=True)
class Search:
    """Elasticsearch, asked as one of its users from within its container, for its network leads nowhere else."""

    system: System
    user: str = "elastic"

    @property
    def password(self) -> str:
        secrets = dict(line.split("=", 1) for line in (self.system.root / ".env").read_text().split())
        return secrets[f"{self.user.split('_')[0].upper()}_PASSWORD"]

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, Any]:
        command = ["docker", "compose", "exec", "-T", "elasticsearch", "curl", "--silent", "--data-binary", "@-"]
        options = ["--header", "Content-Type: application/json", "--write-out", "\n%{http_code}"]
        url = f"http://127.0.0.1:9200/{path}"
        done = subprocess.run(
            [*command, *options, "--user", f"{self.user}:{self.password}", "--request", method, url],
            cwd=self.system.root,
            env=self.system.environment,
            input=body,
            capture_output=True,
            text=True,
            check=True,
        )
        answer, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(answer) if answer else None

    def get(self, path: str) -> Any:
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def find(self, query: dict[str, Any]) -> list[Any]:
        status, answer = self.ask("POST", f"{STREAM}/_search", json.dumps({"query": query, "size": 1000}))
        assert status == 200, answer
        found: list[Any] = answer["hits"]["hits"]
        return found


@dataclass(frozen=True)
class Collected:
    search: Search
    request_id: str
    sent: list[Event]
    answers: list[dict[str, Any]]


@pytest.fixture(scope="module")
def collected(traced: System) -> Iterator[Collected]:
    """The lines of a journey, where Logstash would have put them, as the user that it is."""
    config = yaml.safe_load((traced.root / "compose.yaml").read_text())["services"]
    setup = (traced.root / "deploy/observability/logs-setup/Dockerfile").read_text()
    provide("maven:3-eclipse-temurin-25", config["elasticsearch"]["image"], setup.split()[1])
    traced.compose("up", "--detach", "--wait", "elasticsearch")
    adapt_template(traced)
    traced.compose("run", "--rm", "--build", "elasticsearch-setup")

    request_id = travel(traced)
    observability = traced.root / "deploy/observability"
    sent = list(documents(observability, log_files(traced), traced.environment["COMPOSE_PROJECT_NAME"]))
    output = Pipeline((observability / "logstash/logs.conf").read_text()).output
    stream = "-".join(output[f"data_stream_{part}"] for part in ("type", "dataset", "namespace"))
    assert stream == STREAM
    lines = [line for event in sent for line in (json.dumps({"create": {"_index": stream}}), json.dumps(event))]
    status, answer = Search(traced, output["user"]).ask("POST", "_bulk?refresh=wait_for", "\n".join(lines) + "\n")
    assert status == 200
    yield Collected(Search(traced), request_id, sent, [item["create"] for item in answer["items"]])
    traced.compose("--profile", "logs", "rm", "--force", "--stop", "--volumes", "elasticsearch")


def adapt_template(system: System) -> None:
    """Takes out the types that this Elasticsearch has not got, and nothing else."""
    (node,) = Search(system).get("_nodes/_local/plugins")["nodes"].values()
    if "wildcard" not in {module["name"] for module in node["modules"]}:
        path = system.root / "deploy/observability/logs-setup/template.json"
        text = path.read_text()
        for name, core in IN_PLACE_OF.items():
            assert f'"{name}"' in text
            text = text.replace(f'"{name}"', f'"{core}"')
        path.write_text(text)


def travel(system: System) -> str:
    """Registers, orders, and asks for what is too long for one entry of Docker's; answers the id of the first two."""
    request_id, long_id = str(uuid4()), str(uuid4())
    with httpx.Client(base_url=system.url, headers={"X-Request-ID": request_id}) as client:
        journey.log_in(client)
        journey.user(client)
        client.post("/orders", json=journey.ORDER).raise_for_status()
        client.get(LONG_PATH, headers={"X-Request-ID": long_id, "Authorization": ""})
    deadline = time.monotonic() + 40
    waiting = {("gateway", long_id), *((name, request_id) for name in ("gateway", *SERVICES))}
    while waiting and time.monotonic() < deadline:
        waiting -= {(name, id_) for name, id_ in waiting if id_ in system.compose("logs", "--no-log-prefix", name)}
        time.sleep(1)
    assert not waiting
    return request_id


def log_files(system: System) -> Iterator[str]:
    """Docker's own files of its containers, which only root may read; what shows them must not be logged itself."""
    root = system.run("docker", "info", "--format", "{{.DockerRootDir}}").strip()
    for container in system.compose("--profile", "*", "ps", "--all", "--quiet", "--no-trunc").split():
        mount = ("--user", "0", "--volume", f"{root}/containers:/logs:ro", "--entrypoint", "cat")
        path = f"/logs/{container}/{container}-json.log"
        yield system.run("docker", "run", "--rm", "--log-driver", "none", *mount, "traced-orders", path)


def test_every_line_is_taken(traced: System, collected: Collected) -> None:
    refused = [
        (answer, event)
        for answer, event in zip(collected.answers, collected.sent, strict=True)
        if answer["status"] != 201
    ]
    assert not refused
    senders = Counter(event["service.name"] for event in collected.sent)
    assert senders.keys() >= {"gateway", "postgres", "rabbitmq", *SERVICES}
    assert senders.keys() <= {*traced.compose("--profile", "*", "config", "--services").split()}
    assert all(not event.get("tags") for event in collected.sent)
    for event in collected.sent:
        if event["service.name"] in {"gateway", *SERVICES}:
            assert event.keys() >= {"@timestamp", "log.level", "message", "ecs.version"}, event


def test_every_value_is_indexed(collected: Collected) -> None:
    ignored = collected.search.find({"exists": {"field": "_ignored"}})
    # Longer than what can be searched for, on purpose.
    assert {name for hit in ignored for name in hit["_ignored"]} == {"url.path"}
    assert {hit["_source"]["url.path"] for hit in ignored} == {LONG_PATH}


def test_a_line_that_docker_cuts_is_whole_again(collected: Collected) -> None:
    long = [event for event in collected.sent if len(json.dumps(event)) > 16_384]
    assert {event["url.path"] for event in long} == {LONG_PATH}


def test_types_are_those_of_the_template(traced: System, collected: Collected) -> None:
    template = json.loads((traced.root / "deploy/observability/logs-setup/template.json").read_text())
    ((index, found),) = collected.search.get(f"{STREAM}/_mapping").items()
    assert index.startswith(f".ds-{STREAM}-")
    types = {name: field["type"] for name, field in found["mappings"]["properties"].items()}
    wanted = {name: field["type"] for name, field in template["template"]["mappings"]["properties"].items()}
    assert types.items() >= wanted.items()
    others = types.keys() - wanted.keys()
    assert all(name.startswith("labels.") for name in others), others
    assert {types[name] for name in others} == {"keyword"}


def test_an_id_finds_what_every_service_did_for_a_request(collected: Collected) -> None:
    hits = collected.search.find({"term": {"labels.correlation_id": collected.request_id}})
    assert {hit["_source"]["service.name"] for hit in hits} == {"gateway", *SERVICES}
    (trace,) = {
        hit["_source"]["trace.id"]
        for hit in hits
        if hit["_source"].get("url.path") == "/auth/register" and hit["_source"]["service.name"] == "gateway"
    }
    found = collected.search.find({"term": {"trace.id": trace}})
    assert {hit["_source"]["service.name"] for hit in found} == {
        "gateway",
        "auth",
        "users",
        "notifications",
        "analytics",
    }


@pytest.mark.parametrize("service", ["postgres", "rabbitmq"])
def test_lines_of_text_are_found_by_their_words(collected: Collected, service: str) -> None:
    words = {"postgres": "ready to accept connections", "rabbitmq": "startup complete"}[service]
    query = {"bool": {"filter": [{"term": {"service.name": service}}, {"match_phrase": {"message": words}}]}}
    assert collected.search.find(query)


def test_whoever_writes_can_do_nothing_else(traced: System, collected: Collected) -> None:
    writer = Search(traced, "logstash_writer")
    backing = collected.answers[0]["_index"]
    for method, path, body in (
        ("POST", f"{STREAM}/_search", "{}"),
        ("DELETE", backing, ""),
        ("DELETE", f"{backing}/_doc/{collected.answers[0]['_id']}", ""),
        ("POST", "logs-other-default/_doc", '{"@timestamp": "2026-01-01T00:00:00Z"}'),
        ("GET", "_security/user", ""),
    ):
        status, answer = writer.ask(method, path, body)
        assert status in (403, 405), (method, path, answer)


def test_kibana_can_log_in(traced: System) -> None:
    assert Search(traced, "kibana_system").get("_security/_authenticate")["username"] == "kibana_system"


def test_it_can_be_set_up_again(traced: System, collected: Collected) -> None:
    traced.compose("run", "--rm", "elasticsearch-setup")
    status, answer = collected.search.ask("GET", f"{STREAM}/_count")
    assert (status, answer["count"]) == (200, len(collected.sent))


def test_lines_are_kept_for_a_week(collected: Collected) -> None:
    settings = collected.search.get("_cluster/settings?include_defaults&flat_settings")
    assert settings["defaults"]["data_streams.lifecycle.retention.default"] == "7d"
    state = collected.search.get("_cluster/state/metadata?filter_path=metadata.data_stream")
    assert state["metadata"]["data_stream"]["data_stream"][STREAM]["lifecycle"]["enabled"]
