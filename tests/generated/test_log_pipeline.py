"""From the log lines of containers to Elasticsearch and Kibana, as far as it can be seen without them."""

import base64
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.rendering.renderer import render
from msgen.repository.creation import write_tree
from tests.e2e.shipping import Event, Pipeline

SHOP = Path(__file__).parents[2] / "examples/02-shop/msgen.yaml"
SECRETS = {"ELASTIC_PASSWORD": "e1", "KIBANA_PASSWORD": "k1", "LOGSTASH_PASSWORD": "l1"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    description = yaml.load(SHOP.read_text(), yaml.CSafeLoader) | {"observability": {"logs": "elk"}}
    write_tree(render(make_plan(Description.model_validate(description)), load_pack(builtin_root())), folder)
    return folder


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((root / "compose.yaml").read_text())["services"]
    return {name: service for name, service in services.items() if service.get("profiles") == ["logs"]}


def template(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / "deploy/observability/logs-setup/template.json").read_text())
    return content


def test_it_fits_a_laptop_and_starts_on_demand(compose: dict[str, Any]) -> None:
    assert compose.keys() == {
        *("elasticsearch", "elasticsearch-setup", "filebeat", "kibana", "kibana-setup", "logstash")
    }
    limits = [service["deploy"]["resources"]["limits"]["memory"] for service in compose.values()]
    megabytes = sum(int(limit[:-1]) * (1024 if limit.endswith("G") else 1) for limit in limits)
    assert megabytes <= 4096
    assert not [name for name, service in compose.items() if "ports" in service]
    assert all(service["cap_drop"] == ["ALL"] for service in compose.values())


def test_configurations_ask_for_the_environment_that_they_get(root: Path, compose: dict[str, Any]) -> None:
    for name, path in (("filebeat", "filebeat/filebeat.yaml"), ("logstash", "logstash/logs.conf")):
        asked = set(re.findall(r"\$\{(\w+)", (root / "deploy/observability" / path).read_text()))
        assert asked
        assert asked <= compose[name]["environment"].keys()


def test_names_of_the_data_stream_agree(root: Path) -> None:
    pipeline = (root / "deploy/observability/logstash/logs.conf").read_text()
    named = dict(re.findall(r'data_stream_(\w+) => "(\w+)"', pipeline))
    stream = f"{named['type']}-{named['dataset']}-{named['namespace']}"
    (pattern,) = template(root)["index_patterns"]
    assert stream.startswith(pattern.removesuffix("*"))
    writer = json.loads((root / "deploy/observability/logs-setup/writer.json").read_text())
    assert writer["indices"][0]["names"] == [pattern]
    assert 'user => "logstash_writer"' in pipeline


def test_the_saved_view_shows_fields_that_there_are(root: Path) -> None:
    lines = (root / "deploy/observability/logs-setup/logs.ndjson").read_text().splitlines()
    view, search = (json.loads(line) for line in lines)
    assert [view["attributes"]["title"]] == template(root)["index_patterns"]
    known = template(root)["template"]["mappings"]["properties"].keys()
    assert {c for c in search["attributes"]["columns"] if not c.startswith("labels.")} <= known
    assert search["references"][0]["id"] == view["id"]
    source = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["indexRefName"] == search["references"][0]["name"]


Request = tuple[str, str, str, bytes]


@contextmanager
def server(failures: int = 0, answer: bytes = b"") -> Iterator[tuple[str, list[Request]]]:
    """Answers like Elasticsearch and Kibana, to what they are first asked with 503; notes what it was asked."""
    requests: list[Request] = []
    left = [failures]

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            left[0] -= 1
            if left[0] < 0:
                user = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
                requests.append((self.command, self.path, user, body))
            self.send_response(503 if left[0] >= 0 else 200)
            self.end_headers()
            self.wfile.write(answer)

        do_PUT = do_POST = respond  # noqa: N815 - the names of http.server

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_port}", requests
        listener.shutdown()


def set_up(root: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", script],
        cwd=root / "deploy/observability/logs-setup",
        env=os.environ | SECRETS | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_elasticsearch_gets_types_and_users(root: Path) -> None:
    with server(failures=1) as (url, requests):
        done = set_up(root, "elasticsearch.sh", ELASTICSEARCH_URL=url)
    assert done.returncode == 0, done.stderr
    assert {user for _, _, user, _ in requests} == {"elastic:e1"}
    bodies = {path: json.loads(body) for _, path, _, body in requests}
    assert bodies["/_index_template/system-logs"] == template(root)
    assert bodies["/_security/user/logstash_writer"] == {"password": "l1", "roles": ["logstash_writer"]}
    assert "create_doc" in bodies["/_security/role/logstash_writer"]["indices"][0]["privileges"]
    assert bodies["/_security/user/kibana_system/_password"] == {"password": "k1"}


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_kibana_gets_the_saved_view(root: Path) -> None:
    with server(answer=b'{"successCount":2,"success":true}') as (url, requests):
        done = set_up(root, "kibana.sh", KIBANA_URL=url)
    assert done.returncode == 0, done.stderr
    ((method, path, user, body),) = requests
    assert (method, path, user) == ("POST", "/api/saved_objects/_import?overwrite=true", "elastic:e1")
    assert (root / "deploy/observability/logs-setup/logs.ndjson").read_bytes() in body


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_a_view_that_kibana_does_not_take_is_an_error(root: Path) -> None:
    with server(answer=b'{"successCount":1,"success":false,"errors":[]}') as (url, _):
        done = set_up(root, "kibana.sh", KIBANA_URL=url)
    assert done.returncode == 1
    assert '"success":false' in done.stderr


@pytest.mark.skipif(not shutil.which("docker"), reason="Docker is not there")
def test_compose_takes_the_files(root: Path) -> None:
    subprocess.run(["scripts/make-env"], cwd=root, check=True, capture_output=True)
    done = subprocess.run(
        ["docker", "compose", "--profile", "*", "config", "--format", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    services = json.loads(done.stdout)["services"]
    assert services["filebeat"]["environment"]["COMPOSE_PROJECT_NAME"] == "myshop"
    labels = services["orders"]["logging"]["options"]["labels"].split(",")
    shipper = (root / "deploy/observability/filebeat/filebeat.yaml").read_text()
    assert all(f"docker.attrs.{label}" in shipper for label in labels)


@pytest.mark.parametrize("version", ['"ecs.version": "8.11.0"', '"ecs":{"version":"8.11"}'])
def test_lines_of_json_are_taken_apart_in_either_notation(root: Path, version: str) -> None:
    pipeline = Pipeline((root / "deploy/observability/logstash/logs.conf").read_text())
    docker = {"time": "2026-01-02T03:04:05Z", "attrs": {"com.docker.compose.service": "eureka"}}
    event: Event = {"docker": docker, "message": f'{{"@timestamp":"x","message":"hello",{version}}}\n'}
    assert pipeline.filter(event)
    assert (event["service.name"], event["message"]) == ("eureka", "hello")
