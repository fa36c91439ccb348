"""Traces of the shop on real containers, as Jaeger shows them; without its image, as an OTLP receiver gets them."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from . import journey
from .conftest import System
from .test_shop import logs

RECEIVER = Path(__file__).parent / "receiver.py"
SHOW = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:4318/spans').read().decode())"
Span = dict[str, str]
Trace = list[Span]

SERVER, PRODUCER, CONSUMER = "server", "producer", "consumer"


@pytest.fixture(scope="module", autouse=True)
def collector(traced: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jaeger as it is generated, or the receiver in its place."""
    files: tuple[str, ...] = ()
    if not can_be_had(yaml.safe_load((traced.root / "compose.yaml").read_text())["services"]["jaeger"]["image"]):
        override = tmp_path_factory.mktemp("receiver") / "receiver.yaml"
        override.write_text(f"""
services:
  jaeger:
    image: {traced.root.name}-orders
    pull_policy: never
    profiles: !reset []
    healthcheck: {{test: [CMD, python, -c, "{SHOW}"], interval: 1s, retries: 30}}
    command: [python, /receiver.py]
    volumes: ["{RECEIVER}:/receiver.py:ro"]
""")
        files = ("-f", "compose.yaml", "-f", str(override))
    traced.compose(*files, "up", "--detach", "--no-deps", "--wait", "jaeger")
    wait_for_gateway(traced)
    yield
    traced.compose(*files, "--profile", "traces", "rm", "--force", "--stop", "jaeger")


def can_be_had(image: str) -> bool:
    commands = (["docker", "image", "inspect", image], ["docker", "pull", "--quiet", image])
    return any(subprocess.run(command, capture_output=True).returncode == 0 for command in commands)


def wait_for_gateway(system: System) -> None:
    """Until it has noticed that there is a receiver."""
    deadline = time.monotonic() + 30
    while not any(span["service"] == "gateway" for span in spans(system)):
        assert time.monotonic() < deadline
        httpx.get(f"{system.url}/orders")
        time.sleep(1)


def spans(system: System) -> list[Span]:
    if system.compose("ps", "--format", "{{.Image}}", "jaeger").startswith("jaegertracing/"):
        return list(shown_by_jaeger(f"http://127.0.0.1:{system.environment['JAEGER_PAGE_PORT']}/api"))
    found: list[Span] = json.loads(system.compose("exec", "-T", "jaeger", "python", "-c", SHOW))
    return found


def shown_by_jaeger(api: str) -> Iterator[Span]:
    try:
        services = httpx.get(f"{api}/services").json()["data"] or []
    except httpx.TransportError:  # it is starting
        return
    known = set()
    for service in {*services} - {"jaeger"}:  # which is being asked
        found = httpx.get(f"{api}/traces", params={"service": service, "limit": 4000}, timeout=30).json()["data"]
        for trace in found:
            for span in trace["spans"]:
                if span["spanID"] not in known:
                    known.add(span["spanID"])
                    yield as_span(span, trace["processes"][span["processID"]]["serviceName"])


def as_span(span: dict[str, Any], service: str) -> Span:
    tags = {tag["key"]: str(tag["value"]) for tag in span["tags"]}
    return {
        "service": service,
        "name": span["operationName"],
        "kind": tags.get("span.kind", "internal"),
        "trace": span["traceID"],
        "id": span["spanID"],
        "parent": next((r["spanID"] for r in span["references"] if r["refType"] == "CHILD_OF"), ""),
        "attributes": ",".join(tags),
    }


def trace_of(system: System, request_id: str) -> str:
    """The trace that the gateway says a request belongs to; it writes its log every ten seconds."""
    return str(lines_of(system, "gateway", request_id)[0]["trace.id"])


def lines_of(system: System, service: str, request_id: str) -> list[dict[str, str]]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := [json.loads(line) for line in logs(system, service) if request_id in line]:
            return found
        time.sleep(1)
    raise AssertionError(f"{service} has no line of it")


def wait_for(system: System, request_id: str, complete: Callable[[Trace], bool]) -> Trace:
    deadline = time.monotonic() + 40
    found: Trace = []
    trace = trace_of(system, request_id)
    while time.monotonic() < deadline:
        found = [span for span in spans(system) if span["trace"] == trace]
        if complete(found):
            return found
        time.sleep(1)
    raise AssertionError("\n".join(f"{s['service']}: {s['name']}" for s in found))


def has(trace: Trace, service: str, kind: str) -> bool:
    return any(span["service"] == service and span["kind"] == kind for span in trace)


def counts(trace: Trace) -> list[Span]:
    """Return the spans of events that are counted."""
    return [span for span in trace if span["service"] == "analytics" and span["kind"] == CONSUMER]


def path_to_root(trace: Trace, span: Span) -> list[str]:
    """The services that a span leads back through, from the root on."""
    by_id = {s["id"]: s for s in trace}
    passed = [span["service"]]
    while parent := by_id.get(span["parent"]):
        span = parent
        if passed[-1] != span["service"]:
            passed.append(span["service"])
    return passed[::-1]


def test_one_trace_from_the_gateway_over_auth_and_a_queue_to_the_mailer(traced: System) -> None:
    request_id = str(uuid4())
    body = {"email": f"{uuid4().hex}@example.com", "password": journey.PASSWORD, "name": "Ada"}
    # What a client says of traces does not count.
    headers = {"X-Request-ID": request_id, "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-00"}
    httpx.post(f"{traced.url}/auth/register", json=body, headers=headers).raise_for_status()

    trace = wait_for(
        traced,
        request_id,
        lambda t: has(t, "notifications", CONSUMER) and len(counts(t)) == 2 and has(t, "gateway", SERVER),
    )
    assert trace[0]["trace"] != "ab" * 16
    [handled] = [s for s in trace if s["service"] == "notifications" and s["kind"] == CONSUMER]
    assert handled["name"] == "process welcome-email"
    assert path_to_root(trace, handled) == ["gateway", "auth", "notifications"]
    paths = sorted(path_to_root(trace, counted) for counted in counts(trace))
    assert paths == [["gateway", "auth", "analytics"], ["gateway", "auth", "users", "analytics"]]
    assert any(s["service"] == "auth" and "db.query.text" in s["attributes"] for s in trace)


def test_one_trace_from_the_gateway_over_orders_to_users_and_by_event_to_analytics(traced: System) -> None:
    request_id = str(uuid4())
    with httpx.Client(base_url=traced.url) as client:
        journey.log_in(client)
        journey.user(client)
        client.post("/orders", json=journey.ORDER, headers={"X-Request-ID": request_id}).raise_for_status()

    trace = wait_for(
        traced,
        request_id,
        lambda t: has(t, "users", SERVER) and has(t, "analytics", CONSUMER) and has(t, "gateway", SERVER),
    )
    [asked] = [s for s in trace if s["service"] == "users" and s["kind"] == SERVER]
    assert asked["name"] == "GET /users/{user_id}"
    assert path_to_root(trace, asked) == ["gateway", "orders", "users"]
    [made] = [s for s in trace if s["kind"] == PRODUCER]
    assert (made["service"], made["name"]) == ("orders", "create order.created")
    [counted] = [s for s in trace if s["service"] == "analytics" and s["kind"] == CONSUMER]
    assert path_to_root(trace, counted) == ["gateway", "orders", "analytics"]
    for service in ("orders", "users", "analytics"):
        assert any(s["service"] == service and "db.query.text" in s["attributes"] for s in trace)


def test_what_a_service_still_holds_is_sent_when_it_stops(traced: System) -> None:
    request_id = str(uuid4())
    with httpx.Client(base_url=traced.url) as client:
        journey.log_in(client)
        client.get("/orders", headers={"X-Request-ID": request_id}).raise_for_status()
    traced.compose("restart", "orders")
    wait_for(traced, request_id, lambda t: has(t, "orders", SERVER))


def test_the_background_makes_no_traces(traced: System) -> None:
    """The outboxes' relays ask their databases every second, and health checks are asked all the time."""
    time.sleep(6)
    roots = [span for span in spans(traced) if not span["parent"]]
    assert roots
    # Whoever checks tokens fetches keys and revocations.
    others = {span["name"] for span in roots if span["service"] != "gateway"}
    assert others <= {"GET /.well-known/jwks.json", "GET /.well-known/revoked.json"}


def test_log_lines_of_a_request_name_its_trace(traced: System) -> None:
    request_id = str(uuid4())
    body = {"email": f"{uuid4().hex}@example.com", "password": journey.PASSWORD, "name": "Ada"}
    httpx.post(f"{traced.url}/auth/register", json=body, headers={"X-Request-ID": request_id}).raise_for_status()
    for service in ("gateway", "auth", "notifications", "analytics"):
        assert all(line["trace.id"] for line in lines_of(traced, service, request_id))


def test_without_a_receiver_requests_are_answered_and_services_stop_in_time(traced: System) -> None:
    traced.compose("--profile", "traces", "rm", "--force", "--stop", "jaeger")
    started = time.time()
    traced.compose("restart", "auth", "orders")  # a service warns once in five minutes
    traced.compose("up", "--detach", "--wait", "--no-recreate", "auth", "orders")
    with httpx.Client(base_url=traced.url) as client:
        journey.log_in(client)
        client.get("/orders").raise_for_status()
        for _ in range(20):
            assert client.get("/orders").elapsed.total_seconds() < 1
    time.sleep(15)
    for service in ("auth", "orders"):
        complaints = [
            line for line in logs(traced, service, started) if "traces are not sent" in line or "export" in line
        ]
        assert 1 <= len(complaints) <= 3, complaints
    start = time.monotonic()
    traced.compose("stop", "auth", "orders")
    assert time.monotonic() - start < 20
