"""The shop as Prometheus and Alertmanager see it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from . import journey
from .conftest import System

SERVICES = ("auth", "users", "orders", "notifications", "analytics")
ORDERS = 7

Labels = dict[str, str]


class Prometheus:
    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **parameters: str | list[str]) -> Any:
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def value(self, query: str) -> float:
        """The sum of what a query finds, which is 0 where it finds nothing."""
        return sum(float(sample["value"][1]) for sample in self.get("query", query=query)["result"])

    def metrics_of(self, query: str) -> set[str]:
        """The names of the series that a query looks at."""

        def walk(node: Any) -> Iterator[str]:
            if isinstance(node, list):
                for part in node:
                    yield from walk(part)
            elif isinstance(node, dict):
                if node.get("type") in ("vectorSelector", "matrixSelector"):
                    yield node["name"]
                for part in node.values():
                    yield from walk(part)

        return set(walk(self.get("parse_query", query=query)))


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(1)
    return holds()


@pytest.fixture(scope="module")
def prometheus(shop: System) -> Iterator[Prometheus]:
    # Grafana is not among the images that can be had everywhere; what it asks is asked below.
    shop.compose("up", "--detach", "--build", "--wait", "prometheus", "alertmanager")
    with httpx.Client(base_url=f"http://127.0.0.1:{shop.environment['PROMETHEUS_PORT']}/api/v1") as client:
        yield Prometheus(client)


def test_every_target_is_up(prometheus: Prometheus) -> None:
    wanted = {*SERVICES, "gateway", "rabbitmq", "rabbitmq-queues", "prometheus", "alertmanager"}

    def up() -> set[str]:
        targets = prometheus.get("targets")["activeTargets"]
        return {target["labels"]["job"] for target in targets if target["health"] == "up"}

    assert eventually(lambda: up() == wanted, 60), prometheus.get("targets")["activeTargets"]


def test_counters_say_what_the_journey_did(shop: System, prometheus: Prometheus) -> None:
    created = 'http_request_method="POST",http_response_status_code="201"'
    requests = "http_server_request_duration_seconds_count"
    queries = {
        f'{requests}{{job="orders",http_route="/orders",{created}}}': ORDERS,
        f'{requests}{{job="auth",http_route="/auth/register"}}': 1,
        'http_client_request_duration_seconds_count{job="orders",server_address="users",error_type=""}': ORDERS,
        'messaging_client_sent_messages_total{job="orders",cloudevents_event_type="order.created"}': ORDERS,
        'messaging_client_sent_messages_total{job="auth",messaging_destination_name="queues"}': 1,
        'messaging_client_consumed_messages_total{job="notifications",outcome="handled"}': 1,
        'messaging_client_consumed_messages_total{job="users",outcome="handled"}': 1,
        'messaging_client_consumed_messages_total{job="analytics",cloudevents_event_type="order.created"}': ORDERS,
        "messaging_process_duration_seconds_count"
        '{job="analytics",messaging_destination_name="analytics.events"}': ORDERS + 2,
    }

    before = {query: prometheus.value(query) for query in queries}
    with httpx.Client(base_url=shop.url, timeout=30) as client:
        journey.log_in(client)
        journey.user(client)
        for _ in range(ORDERS):
            client.post("/orders", json=journey.ORDER).raise_for_status()
        assert client.get("/analytics/stats").status_code == 403

    def counted() -> dict[str, float]:
        return {query: prometheus.value(query) - before[query] for query in queries}

    eventually(lambda: counted() == queries, 40)
    assert counted() == queries


def test_services_of_both_languages_say_the_same(prometheus: Prometheus) -> None:
    """`auth` is written in Node.js, `users` and `analytics` in Python."""

    def labels(job: str, metric: str) -> set[frozenset[str]]:
        series = prometheus.get("series", **{"match[]": f'{metric}{{job="{job}"}}'})
        return {frozenset(one) for one in series}

    def names(job: str) -> set[str]:
        found = prometheus.get("label/__name__/values", **{"match[]": f'{{job="{job}"}}'})
        return {name for name in found if name.startswith(("http_", "db_", "messaging_", "outbox_"))}

    for node, python in (("auth", "users"), ("notifications", "analytics")):
        shared = names(node) & names(python)
        assert "http_server_request_duration_seconds_bucket" in shared
        assert {name: labels(node, name) for name in shared} == {name: labels(python, name) for name in shared}
    assert names("auth") <= names("users")  # which receives messages, too


def test_replicas_are_found(shop: System, prometheus: Prometheus) -> None:
    shop.compose("up", "--detach", "--no-recreate", "--scale", "notifications=2", "notifications")
    assert eventually(lambda: prometheus.value('up{job="notifications"}') == 2, 40)
    shop.compose("up", "--detach", "--no-recreate", "--scale", "notifications=1", "notifications")


def test_an_alert_fires_while_a_service_is_away(shop: System, prometheus: Prometheus) -> None:
    alertmanager = f"http://127.0.0.1:{shop.environment['ALERTMANAGER_PORT']}/api/v2/alerts"

    def firing() -> set[tuple[str, str]]:
        alerts = httpx.get(alertmanager, params={"active": "true"}).json()
        return {(alert["labels"]["alertname"], alert["labels"].get("job", "")) for alert in alerts}

    def mails() -> list[str]:
        return [mail["subject"] for mail in httpx.get(f"{shop.mails_url}/email").json()]

    alert = ("ServiceDown", "notifications")
    assert alert not in firing()
    shop.compose("stop", "notifications")
    try:
        assert eventually(lambda: alert in firing(), 90), prometheus.get("alerts")
        assert eventually(lambda: any("[FIRING" in s and "ServiceDown" in s for s in mails()), 40), mails()
    finally:
        shop.compose("start", "notifications")
    assert eventually(lambda: alert not in firing(), 60), firing()


def test_dashboards_and_rules_ask_for_what_is_there(shop: System, prometheus: Prometheus) -> None:
    dashboards = list((shop.root / "deploy/observability/grafana/dashboards").rglob("*.json"))
    assert {path.stem for path in dashboards} == {*SERVICES, "overview", "broker"}
    queries = {
        (path.stem, panel["title"], target["expr"])
        for path in dashboards
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    }
    queries |= {
        ("rule", rule["name"], rule["query"]) for group in prometheus.get("rules")["groups"] for rule in group["rules"]
    }
    # Appears with the first alert, which the test before this one sees to when it is run.
    known = {*prometheus.get("label/__name__/values"), "ALERTS"}
    unknown = [(*query, missing) for query in queries if (missing := prometheus.metrics_of(query[2]) - known)]
    assert not unknown
    # Nobody asks `notifications` anything.
    asked = {*SERVICES} - {"notifications"}
    empty = [query for query in queries if query[0] in asked and not prometheus.get("query", query=query[2])["result"]]
    assert not empty


@pytest.mark.usefixtures("prometheus")
def test_the_dashboard_shows_every_url_and_its_state(shop: System) -> None:
    said = shop.run("make", "dashboard")
    url = f"http://localhost:{shop.environment['DASHBOARD_PORT']}"
    assert f"Dashboard {url}" in said
    page = httpx.get(f"{url}/").text
    links = set(re.findall('href="(.*?)"', page))
    pages = ("MAIL_PAGE", "RABBITMQ_PAGE", "PROMETHEUS", "ALERTMANAGER", "GRAFANA")
    assert {f"http://localhost:{shop.environment[f'{page}_PORT']}/" for page in pages} <= links
    assert f"http://localhost:{shop.environment['GATEWAY_PORT']}/health" in links
    for name in ("auth", "orders"):
        assert f"docs/?urls.primaryName={name}" in links
        assert httpx.get(f"{url}/docs/{name}.json").json()["openapi"].startswith("3.")
    documentation = httpx.get(f"{url}/docs/")
    assert "swagger-ui-bundle.js" in documentation.text
    assert "default-src 'self'" in documentation.headers["Content-Security-Policy"]
    assert httpx.get(f"{url}/docs/swagger-ui-bundle.js").status_code == 200
    assert httpx.get(f"{url}/orders/orders").status_code == 401  # of the gateway
    parts = re.findall('data-part="(.*?)"', page)
    assert {f"services/{name}" for name in SERVICES} < set(parts)
    states = {part: httpx.get(f"{url}/state/{part}").status_code for part in parts}
    assert states.pop("pages/grafana") == 502  # it was not started
    assert set(states.values()) == {200}, states
