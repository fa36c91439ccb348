"""What a generated repository has around its services: gateway, containers, secrets, contracts, CI."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from msgen.cli import app
from msgen.description.model import Description
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering.environment import configured
from msgen.rendering.renderer import render
from msgen.repository.creation import write_tree

EXAMPLES = Path(__file__).parents[2] / "examples"
ENVOY = "envoyproxy/envoy:v1.36-latest"

WORKER = {
    "msgen": 1,
    "name": "y",
    "gateway": {"rate_limit": "5/h"},
    "queues": {"job": {"n": "integer"}},
    "services": {"n": {"database": "none", "consumes": ["job"]}, "user": {"sends": ["job"], "port": 9000}},
}
FIELDS = {
    "string": "string",
    "short": {"type": "string", "min": 2, "max": 3},
    "text": "text?",
    "email": "email",
    "url": "url?",
    "uuid": "uuid",
    "integer": {"type": "integer", "min": 1},
    "number": {"type": "number", "max": 0.5},
    "decimal": "decimal",
    "boolean": "boolean?",
    "date": "date",
    "datetime": "datetime",
    "json": "json",
    "state": {"enum": ["on", "off"]},
}
WIDE = {
    "msgen": 1,
    "name": "w" * 30,
    "observability": {"logs": "elk"},
    "gateway": {"cors": ["https://a.example", "http://localhost:3000"], "rate_limit": "1000/m"},
    "queues": {"q" * 40: FIELDS},
    "services": {
        "s" * 30: {"blueprint": "auth"},
        "service": {"sends": ["q" * 40], "resources": {"r" * 40: FIELDS}, "publishes": ["r" * 40 + ".deleted"]},
        "mails": {"blueprint": "mailer", "database": "none", "consumes": ["q" * 40]},
        "container": {"blueprint": "analytics", "subscribes": ["#"]},
    },
}
DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "minimal": yaml.safe_load((EXAMPLES / "01-minimal/msgen.yaml").read_text()),
    "shop": yaml.load((EXAMPLES / "02-shop/msgen.yaml").read_text(), yaml.CSafeLoader),
    "worker": WORKER,
    "wide": WIDE,
}

System = tuple[Path, Plan]


def make(name: str, folder: Path) -> System:
    pack = load_pack(builtin_root())
    plan = configured(make_plan(Description.model_validate(DESCRIPTIONS[name])), pack)
    folder.mkdir(exist_ok=True)
    write_tree(render(plan, pack), folder)
    return folder, plan


@pytest.fixture(scope="module", params=DESCRIPTIONS)
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> System:
    return make(request.param, tmp_path_factory.mktemp("system"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make("shop", tmp_path / "shop")[0]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


# Gateway


def public_routes(root: Path) -> list[dict[str, Any]]:
    (listener,) = (
        x for x in read(root / "gateway/envoy.yaml")["static_resources"]["listeners"] if x["name"] == "public"
    )
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    routes: list[dict[str, Any]] = manager["route_config"]["virtual_hosts"][0]["routes"]
    return routes


def is_anonymous(route: dict[str, Any]) -> bool:
    config = route.get("typed_per_filter_config", {}).get("envoy.filters.http.jwt_authn", {})
    return bool(config.get("disabled"))


def test_each_service_has_its_routes_and_its_cluster(system: System) -> None:
    root, plan = system
    clusters = read(root / "gateway/envoy.yaml")["static_resources"]["clusters"]
    assert {c["name"] for c in clusters} == {s.name for s in plan.services} | {"gateway_admin"}
    routed = {
        (next(iter(r["match"].values())), r["route"]["cluster"])
        for r in public_routes(root)
        if "route" in r and not str(next(iter(r["match"].values()))).startswith("/docs/")
    }
    assert routed == {(r.prefix, r.service) for r in plan.gateway.routes}


def test_only_few_routes_are_open_without_a_token(system: System) -> None:
    root, plan = system
    if not plan.auth:
        assert not any(is_anonymous(route) for route in public_routes(root))
        return
    auth = plan.auth.name
    open_paths = {next(iter(r["match"].values())) for r in public_routes(root) if is_anonymous(r)}
    documented = {f"/docs/{s.name}/openapi.json" for s in plan.apis}
    actions = {f"/{auth}/{action}" for action in ("register", "login", "refresh", "logout")}
    well_known = {"/.well-known/jwks.json", "/.well-known/revoked.json"}
    assert open_paths == {"/", "/health"} | well_known | documented | actions
    assert public_routes(root)[-1]["direct_response"] == {"status": 404}


@pytest.mark.skipif(not shutil.which("docker"), reason="Docker is not there")
def test_envoy_takes_the_configuration(system: System) -> None:
    root, _ = system
    if run(root, "docker", "image", "inspect", ENVOY).returncode and run(root, "docker", "pull", ENVOY).returncode:
        pytest.skip("Docker has no Envoy")
    mount = f"{root / 'gateway'}:/gateway:ro"
    validate = ("envoy", "--mode", "validate", "--log-level", "warning", "--config-path", "/gateway/envoy.yaml")
    done = run(root, "docker", "run", "--rm", "--volume", mount, ENVOY, *validate)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "eprecated" not in done.stdout + done.stderr


# Containers


@pytest.fixture(scope="module")
def compose(system: System) -> dict[str, Any]:
    config: dict[str, Any] = read(system[0] / "compose.yaml")
    return config


def test_only_the_gateway_is_published(system: System, compose: dict[str, Any]) -> None:
    _, plan = system
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published.pop("gateway") == [f"${{GATEWAY_PORT:-{plan.gateway.port}}}:8080"]
    assert published == {s.name: [f"127.0.0.1:{s.port}:8000"] for s in plan.services if s.port}
    pages = read(system[0] / "compose.override.yaml")["services"] if plan.broker else {}
    assert all(port.startswith("127.0.0.1:") for page in pages.values() for port in page["ports"])


WRITING = ("elasticsearch", "kibana", "logstash")
"""Their images write to folders of their own."""


def test_containers_may_do_little(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is (name not in WRITING), name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}, name
        assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name
        assert service["restart"] in ("unless-stopped", "no"), name


def test_services_start_when_what_they_need_is_ready(system: System, compose: dict[str, Any]) -> None:
    _, plan = system
    services = compose["services"]
    assert "depends_on" not in services["gateway"], "a service that cannot start must not keep the others from serving"
    makefile = (system[0] / "Makefile").read_text()
    assert "--wait $(STARTED) >>" in makefile
    started = re.findall(r"STARTED \S= (\S+)", makefile)
    assert started == ["gateway", *sorted(s.name for s in plan.services)]
    for service in plan.services:
        needed = services[service.name].get("depends_on", {})
        assert ("rabbitmq-setup" in needed) == service.messaging
        assert (f"{service.name}-migrate" in needed) == bool(service.database)
        assert services[service.name]["environment"].keys() == {v.name for v in service.variables}
    conditions = {c["condition"] for s in services.values() for c in s.get("depends_on", {}).values()}
    assert conditions <= {"service_healthy", "service_completed_successfully"}


def test_no_secret_has_a_default(system: System) -> None:
    root, plan = system
    text = (root / "compose.yaml").read_text()
    for secret in plan.secrets:
        uses = re.findall(rf"\$\{{{secret.name}(.*?)\}}", text)
        assert uses, secret
        assert set(uses) == {":?run make up"}, secret


@pytest.mark.skipif(not shutil.which("docker"), reason="Docker is not there")
def test_compose_takes_the_files(system: System) -> None:
    root, plan = system
    if plan.secrets:
        refused = run(root, "docker", "compose", "--env-file", os.devnull, "config", "--quiet")
        assert refused.returncode != 0
        assert "run make up" in refused.stderr
    values = {str(secret.name): "x" for secret in plan.secrets}
    done = run(root, "docker", "compose", "config", "--quiet", **values)
    assert done.returncode == 0, done.stderr
    assert not done.stderr


# Secrets


@pytest.fixture
def with_secrets(shop: Path) -> Path:
    assert run(shop, "scripts/make-env").returncode == 0
    return shop


def variables(root: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (root / ".env").read_text().splitlines())


def test_secrets_are_made(shop: Path) -> None:
    done = run(shop, "scripts/make-env")
    assert done.returncode == 0, done.stderr
    made = variables(shop)
    examples = [
        line.partition("=") for line in (shop / ".env.example").read_text().splitlines() if re.match("[A-Z]", line)
    ]
    assert list(made) == [name for name, _, _ in examples]
    assert not any(value for _, _, value in examples)
    keys = [made.pop(f"{name}SIGNING_KEY") for name in ("", "NEXT_", "PREVIOUS_")]
    for key in keys:
        text = run(shop, "sh", "-c", f"echo {key} | base64 -d | openssl pkey -noout -text").stdout
        assert "P-256" in text
    assert len(set(keys)) == 3
    assert all(re.fullmatch("[0-9a-f]{48}", value) for value in made.values())
    assert len(set(made.values())) == len(made)
    assert stat.S_IMODE((shop / ".env").stat().st_mode) == 0o600
    assert not any(value in done.stdout + done.stderr for value in [*keys, *made.values()])


def test_secrets_stay(with_secrets: Path) -> None:
    before = (with_secrets / ".env").read_bytes()
    assert run(with_secrets, "scripts/make-env").returncode == 0
    assert (with_secrets / ".env").read_bytes() == before


def test_missing_secrets_are_added_to_what_is_there(shop: Path) -> None:
    (shop / ".env").write_text("GATEWAY_PORT=9999\nBROKER_PASSWORD=mine")
    (shop / ".env").chmod(0o644)
    assert run(shop / "services", "../scripts/make-env").returncode == 0
    made = variables(shop)
    assert (made["GATEWAY_PORT"], made["BROKER_PASSWORD"]) == ("9999", "mine")
    assert len(made["POSTGRES_PASSWORD"]) == 48
    assert stat.S_IMODE((shop / ".env").stat().st_mode) == 0o600


def test_keys_are_rotated(with_secrets: Path) -> None:
    before = variables(with_secrets)
    refused = run(with_secrets, "scripts/rotate-keys")
    assert refused.returncode == 1
    assert "FORCE=1" in refused.stderr
    assert variables(with_secrets) == before

    os.utime(with_secrets / ".env", (0, 0))
    done = run(with_secrets, "env", "COMPOSE=true", "scripts/rotate-keys")
    assert done.returncode == 0, done.stderr
    after = variables(with_secrets)
    assert after.keys() == before.keys()
    assert after["SIGNING_KEY"] == before["NEXT_SIGNING_KEY"]
    assert after["PREVIOUS_SIGNING_KEY"] == before["SIGNING_KEY"]
    assert after["NEXT_SIGNING_KEY"] not in before.values()
    assert stat.S_IMODE((with_secrets / ".env").stat().st_mode) == 0o600
    assert not any(value in done.stdout + done.stderr for value in after.values())


def test_git_ignores_secrets(with_secrets: Path) -> None:
    run(with_secrets, "git", "init")
    run(with_secrets, "git", "add", "--all")
    tracked = run(with_secrets, "git", "ls-files").stdout.splitlines()
    assert ".env.example" in tracked
    assert ".env" not in tracked


# Contracts


def schema(root: Path, message: str) -> Draft202012Validator:
    document = json.loads((root / f"contracts/messages/{message}.json").read_text())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_each_message_has_a_schema(system: System) -> None:
    root, plan = system
    messages = [*plan.queues, *plan.events]
    assert {path.stem for path in root.glob("contracts/messages/*")} == {m.name for m in messages}
    for message in messages:
        assert schema(root, message.name).schema["properties"].keys() == {f.name for f in message.fields}


GOOD = {
    "string": "x",
    "short": "ab",
    "text": None,
    "email": "a@example.com",
    "uuid": "0b6f3a4e-2a53-4f6c-9a3d-0a4c6a2f7c11",
    "integer": 1,
    "number": 0.25,
    "decimal": "-10.5",
    "date": "2026-01-31",
    "datetime": "2026-01-31T12:00:00.000Z",
    "json": [1],
    "state": "on",
}
WRONG = {
    "string": "",
    "short": "abcd",
    "text": 5,
    "email": None,
    "integer": 0,
    "number": 0.75,
    "decimal": 10.5,
    "json": "x",
    "state": "standby",
}


def test_schemas_tell_good_messages_from_bad(tmp_path: Path) -> None:
    check = schema(make("wide", tmp_path)[0], "q" * 40)
    check.validate(GOOD)
    for name, value in WRONG.items():
        with pytest.raises(ValidationError) as error:
            check.validate(GOOD | {name: value})
        assert list(error.value.path) == [name]
    with pytest.raises(ValidationError, match="'state' is a required property"):
        check.validate({name: value for name, value in GOOD.items() if name != "state"})


def test_asyncapi_names_who_sends_and_who_receives(shop: Path) -> None:
    document = read(shop / "contracts/asyncapi.yaml")
    actions = {name: operation["action"] for name, operation in document["operations"].items()}
    assert actions["orders.send.order.created"] == "send"
    assert actions["analytics.receive.order.created"] == "receive"
    assert actions["notifications.receive.welcome-email"] == "receive"
    assert set(document["channels"]) == {"welcome-email", "user.registered", "user.created", "order.created"}


# README, Makefile, CI


def test_links_lead_somewhere(system: System) -> None:
    root, _ = system
    links = re.findall(r"\]\((?!http)([^)]+)\)", (root / "README.md").read_text())
    assert links
    missing = {link for link in links if not (root / link).exists()}
    assert missing <= {"msgen.yaml"}  # which `msgen new` adds


def test_the_diagram_has_every_arrow(shop: Path) -> None:
    diagram = (shop / "README.md").read_text().split("```mermaid\n")[1].split("```")[0]
    arrows = [line.strip() for line in diagram.splitlines()]
    for arrow in (
        "gateway -->|REST| service_orders",
        "service_orders -->|REST| service_users",
        'service_auth -->|"welcome-email"| queue_welcome_email[["message queue"]]',
        'queue_welcome_email[["message queue"]] --> service_notifications',
        'service_orders -->|"order.created"| bus',
        'bus -->|"user.*<br>order.*"| service_analytics',
    ):
        assert arrow in arrows


def test_make_lists_its_tasks(system: System) -> None:
    done = run(system[0], "make")
    assert done.returncode == 0
    tasks = re.findall(r"^  make (\S+)", done.stdout, re.MULTILINE)
    assert {"up", "down", "logs", "test", "lint", "system-test"} <= set(tasks)


def test_make_says_what_it_needs(shop: Path) -> None:
    done = run(shop, "make", "up", COMPOSE="a-docker-that-is-not-there")
    assert done.returncode != 0
    assert "needs Docker" in done.stderr


@pytest.fixture
def repository(shop: Path) -> Path:
    run(shop, "git", "init", "--initial-branch", "main")
    commit(shop)
    return shop


def commit(root: Path) -> str:
    run(root, "git", "add", "--all")
    assert run(root, "git", "commit", "--message", "change").returncode == 0
    return run(root, "git", "rev-parse", "HEAD").stdout.strip()


def found_changes(root: Path, base: str) -> dict[str, Any]:
    """What the workflow's first job hands on, for what changed since a commit."""
    steps = read(root / ".github/workflows/ci.yaml")["jobs"]["changes"]["steps"]
    output = root / "output"
    output.write_text("")
    done = run(root, "bash", "-eo", "pipefail", "-c", steps[-1]["run"], BASE=base, GITHUB_OUTPUT=str(output))
    assert done.returncode == 0, done.stderr
    return {name: json.loads(value) for name, _, value in (line.partition("=") for line in output.read_text().split())}


ALL = ["analytics", "auth", "notifications", "orders", "users"]


@pytest.mark.skipif(not shutil.which("jq"), reason="jq, which GitHub's machines have, is not there")
@pytest.mark.parametrize(
    ("changed", "services", "system"),
    [
        (["services/orders/app/main.py", "services/users/requirements.txt"], ["orders", "users"], True),
        (["services/orders/Dockerfile", "gateway/envoy.yaml"], ALL, True),
        (["compose.yaml"], ALL, True),
        (["README.md", "services/orders/README.md"], [], False),
        (["deploy/kubernetes/overlays/prod/services/orders/kustomization.yaml"], [], False),
    ],
)
def test_ci_works_on_what_changed(repository: Path, changed: list[str], services: list[str], *, system: bool) -> None:
    base = run(repository, "git", "rev-parse", "HEAD").stdout.strip()
    for name in changed:
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    commit(repository)
    assert found_changes(repository, base) == {"services": services, "system": system}


@pytest.mark.skipif(not shutil.which("jq"), reason="jq, which GitHub's machines have, is not there")
def test_ci_works_on_everything_where_it_cannot_compare(repository: Path) -> None:
    assert found_changes(repository, "0" * 40) == {"services": ALL, "system": True}


def test_ci_compares_apis_with_the_base_of_a_pull_request(repository: Path, tmp_path: Path) -> None:
    script = read(repository / ".github/workflows/ci.yaml")["jobs"]["contracts"]["steps"][-1]["run"]
    base = run(repository, "git", "rev-parse", "HEAD").stdout.strip()
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("go", f"echo {tmp_path}"), ("oasdiff", 'diff -r "$(dirname "$7")" "$(dirname "$8")"')):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    paths = {"PATH": f"{tools}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    command = ("bash", "-eo", "pipefail", "-c", script)
    assert run(repository, *command, BASE=base, **paths).returncode == 0
    (repository / "contracts/openapi/users.yaml").write_text("changed")
    assert "users.yaml" in run(repository, *command, BASE=base, **paths).stdout
    empty = run(repository, "git", "commit-tree", "-m", "x", run(repository, "git", "mktree").stdout.strip()).stdout
    assert run(repository, *command, BASE=empty.strip(), **paths).returncode == 0


def test_ci_asks_for_no_rights_but_to_read(shop: Path) -> None:
    workflow = read(shop / ".github/workflows/ci.yaml")
    assert workflow["permissions"] == {}
    assert all(job["permissions"] in ({}, {"contents": "read"}) for job in workflow["jobs"].values())
    uses = re.findall(r"uses: (\S+)", (shop / ".github/workflows/ci.yaml").read_text())
    assert all(re.search("@[0-9a-f]{40}$", action) for action in uses)


def test_notes_for_coding_assistants_name_what_exists(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    root, _ = system
    quoted = re.findall(r"`([^`]+)`", (root / "AGENTS.md").read_text())
    commands = [words for words in map(str.split, quoted) if words[0] in ("make", "msgen")]
    for program, *words in commands:
        if program == "msgen":
            assert app.run([words[0], "--help"]) == 0
            assert {word for word in words if word.startswith("--")} <= set(capfd.readouterr().out.split())
            continue
        folder, *tasks = words[1:] if words[0] == "-C" else (".", *words)
        makefiles = list(root.glob(f"{folder.replace('<name>', '*')}/Makefile"))
        assert makefiles
        assert all(re.search(rf"^{task}:", file.read_text(), re.MULTILINE) for file in makefiles for task in tasks)
    assert {words[1] for words in commands} >= {"check", "diff", "apply", "-C", "fmt", "system-test"}
    paths = [
        word for word in quoted if re.fullmatch(r"[\w.<>/-]+", word) and word not in (".env", ".msgen/", "msgen.yaml")
    ]
    assert [path for path in paths if not list(root.glob(path.replace("<name>", "*")))] == []


# Metrics

PROMETHEUS = "prom/prometheus:v3.5.0"


def test_each_service_has_its_targets_alerts_and_dashboard(system: System) -> None:
    root, plan = system
    prometheus = root / "deploy/observability/prometheus"
    for service in plan.services:
        (job,) = read(prometheus / f"services/{service.name}.yaml")["scrape_configs"]
        assert job["job_name"] == service.name
        assert job["dns_sd_configs"][0]["names"] == [service.name]
        dashboard = root / f"deploy/observability/grafana/dashboards/services/{service.name}.json"
        assert json.loads(dashboard.read_text())["title"] == service.name
        queries = re.findall('"expr": (".*"),?\n', dashboard.read_text())
        assert queries
        assert all(f'job=\\"{service.name}\\"' in query for query in queries)
    rules = {path.stem for path in (prometheus / "rules").iterdir()}
    assert {path.stem for path in (prometheus / "tests").iterdir()} == rules
    assert rules - {"http", "instances", "database", "messages", "outbox"} == {
        f"service-{s.name}" for s in plan.services
    }
    assert ("messages" in rules, "database" in rules) == (bool(plan.broker), bool(plan.databases))


def unknown(said: Any, known: Any, path: str = "") -> list[str]:
    """What is said in a document, but not in what was made of it."""
    if isinstance(said, dict) and isinstance(known, dict):
        return [p for key, value in said.items() for p in unknown(value, known.get(key), f"{path}.{key}")]
    if isinstance(said, list) and isinstance(known, list) and len(said) == len(known):
        return [p for pair in zip(said, known, strict=True) for p in unknown(*pair, f"{path}[]")]
    return [] if said == known else [path]


def test_dashboards_say_nothing_that_grafana_does_not_know(system: System) -> None:
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models.dashboard import Dashboard

    register_default_plugins()
    for path in (system[0] / "deploy/observability/grafana/dashboards").rglob("*.json"):
        dashboard = json.loads(path.read_text())
        assert unknown(dashboard, json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))) == []
        dashboard["panels"][0]["unknown"] = True
        assert unknown(dashboard, json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))) == [
            ".panels[].unknown"
        ]


def test_every_alert_is_tested(system: System) -> None:
    prometheus = system[0] / "deploy/observability/prometheus"
    for path in (prometheus / "rules").iterdir():
        alerts = {rule["alert"] for group in read(path)["groups"] for rule in group["rules"] if "alert" in rule}
        fired = {
            test["alertname"]
            for case in read(prometheus / "tests" / path.name)["tests"]
            for test in case["alert_rule_test"]
            if test.get("exp_alerts")
        }
        assert fired == alerts, path.name


def test_alerts_say_what_to_do(shop: Path) -> None:
    advice = re.compile(r"`make |\b(log|Look|See|Read|Start|Check|Give)\b|replicas")
    for path in (shop / "deploy/observability/prometheus/rules").glob("*.yaml"):
        for rule in (rule for group in read(path)["groups"] for rule in group["rules"] if "alert" in rule):
            assert advice.search(rule["annotations"]["description"]), rule["alert"]


def test_pages_load_nothing_from_other_hosts(shop: Path) -> None:
    files = [path for pattern in ("*.html", "*.js", "*.py", "*.ts") for path in shop.rglob(pattern)]
    loading = re.compile(r"""(<script|<link|<img)[^>]*(src|href)=["']https?://|//cdn\.""")
    assert not [path for path in files if loading.search(path.read_text())]
    lock = read(shop / "deploy/dashboard/docs/package-lock.json")["packages"]
    assert all("integrity" in package for name, package in lock.items() if name)


def test_system_tests_wait_for_what_they_stopped(shop: Path) -> None:
    for path in (shop / "tests/system").glob("test_*.py"):
        starts = len(re.findall(r"^        start\(\S+\)$", path.read_text(), re.MULTILINE))
        assert path.read_text().count("        eventually(back)\n") == starts, path.name


def test_dashboard_shows_what_was_never_started_in_grey(shop: Path) -> None:
    page = (shop / "deploy/dashboard/index.html").read_text()
    optional = re.findall(r'data-part="([\w/]+)" data-optional', page)
    assert optional == ["pages/prometheus", "pages/alertmanager", "pages/grafana"]
    assert 'data-state="not started"' not in page
    assert '"gateway_port" -->/health"' in page


@pytest.mark.skipif(not shutil.which("docker"), reason="Docker is not there")
def test_prometheus_takes_the_configuration_and_its_rules_do_what_they_should(system: System) -> None:
    root, _ = system
    if (
        run(root, "docker", "image", "inspect", PROMETHEUS).returncode
        and run(root, "docker", "pull", PROMETHEUS).returncode
    ):
        pytest.skip("Docker has no Prometheus")
    mount = f"{root / 'deploy/observability/prometheus'}:/etc/prometheus:ro"
    promtool = ("docker", "run", "--rm", "--user=0", "--volume", mount, "--entrypoint=/bin/sh", PROMETHEUS, "-c")
    lint = "promtool check config --lint=all --lint-fatal /etc/prometheus/prometheus.yaml"
    done = run(root, *promtool, f"{lint} && promtool test rules /etc/prometheus/tests/*.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("registry", "rights"), [("ghcr.io/acme", {"packages": "write"}), ("registry.example.com", {})]
)
def test_publishes_the_images_that_production_runs(tmp_path: Path, registry: str, rights: dict[str, str]) -> None:
    shop = yaml.load((EXAMPLES / "02-shop/msgen.yaml").read_text(), yaml.CSafeLoader)
    plan = make_plan(Description.model_validate({**shop, "deploy": {"registry": registry}}))
    (tmp_path / "shop").mkdir()
    write_tree(render(plan, load_pack(builtin_root())), tmp_path / "shop")
    job = read(tmp_path / "shop/.github/workflows/publish.yaml")["jobs"]["image"]
    assert job["permissions"] == {"contents": "read"} | rights
    images = job["strategy"]["matrix"]["include"]
    assert all((tmp_path / "shop" / image["folder"] / "Dockerfile").is_file() for image in images)
    overlays = (tmp_path / "shop/deploy/kubernetes/overlays/prod").rglob("kustomization.yaml")
    run = {entry["newName"] for file in overlays for entry in read(file).get("images", [])}
    assert run == {f"{registry}/{image['image']}" for image in images}
    login, build = (step["with"] for step in job["steps"][-2:])
    assert registry.partition("/")[0] == login["registry"]
    assert build["tags"] == f"{registry}/${{{{ matrix.image }}}}:${{{{ steps.version.outputs.version }}}}"


def test_publishes_nothing_without_a_registry(shop: Path) -> None:
    assert not (shop / ".github/workflows/publish.yaml").exists()
