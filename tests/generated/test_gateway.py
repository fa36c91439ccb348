"""The generated gateway in a real Envoy, with stubs in place of the services."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from .conftest import EXAMPLES, generate_from

ENVOY = Path(sys.executable).with_name("envoy")
KEY = ec.generate_private_key(ec.SECP256R1())
JWKS = {"keys": [{**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())), "kid": "1", "alg": "ES256"}]}
LIMIT = 65536
SYSTEM = "myshop"


class Stub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    at_once: ClassVar[list[int]] = [0]
    """Requests at once, over time."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/orders/slow":
            Stub.at_once.append(Stub.at_once[-1] + 1)
            time.sleep(1)
            Stub.at_once.append(Stub.at_once[-1] - 1)
        body = json.dumps(JWKS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.send_header("X-Got", json.dumps({name.lower(): value for name, value in self.headers.items()}))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def stub(port: int) -> Iterator[None]:
    class Server(ThreadingHTTPServer):
        request_queue_size = 100
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", port), Stub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def relocate(node: Any, ports: dict[int | str, int]) -> None:
    """Replace ports of the gateway and addresses of services by ones of this machine."""
    if isinstance(node, dict):
        address = node.get("socket_address")
        if address:
            key = address["address"] if address["address"] in ports else address["port_value"]
            address.update(address="127.0.0.1", port_value=ports[key])
        for value in node.values():
            relocate(value, ports)
    elif isinstance(node, list):
        for value in node:
            relocate(value, ports)


def eventually(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    shop = generate_from(EXAMPLES / "02-shop/msgen.yaml", tmp_path_factory.mktemp("shop"))
    return (shop / "gateway/envoy.yaml").read_text()


PUBLIC = """\
msgen: 1
name: myshop
services:
  auth: {blueprint: auth}
  orders:
    resources:
      order:
        fields: {total: decimal}
        access: {list: public, read: public, create: public, update: admin, delete: admin}
"""


def authorization(audience: str, subject: str = str(uuid4())) -> dict[str, str]:
    claims = {"iss": SYSTEM, "aud": audience, "sub": subject, "exp": int(time.time()) + 600}
    return {"Authorization": "Bearer " + jwt.encode(claims, KEY, algorithm="ES256", headers={"kid": "1"})}


@pytest.fixture(scope="module")
def valid() -> dict[str, str]:
    return authorization(SYSTEM)


@contextmanager
def gateway(config: str, folder: Path, auth: int) -> Iterator[httpx.Client]:
    """Run Envoy with every service but auth at one stub."""
    public, others = free_port(), free_port()
    document = yaml.safe_load(config)
    names = [cluster["name"] for cluster in document["static_resources"]["clusters"]]
    relocate(
        document,
        dict.fromkeys(names, others)
        | {"auth": auth, 8080: public, 9900: free_port(), 8081: free_port(), 9901: free_port()},
    )
    path = folder / "envoy.json"
    path.write_text(json.dumps(document))
    command = [ENVOY, "--config-path", path, "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "error"]
    with (
        stub(others),
        subprocess.Popen(command, stdout=subprocess.DEVNULL) as envoy,
        httpx.Client(base_url=f"http://127.0.0.1:{public}", timeout=20) as client,
    ):
        try:
            eventually(lambda: listens(client))
            yield client
        finally:
            envoy.kill()


def listens(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def client(config: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    auth = free_port()
    with stub(auth), gateway(config, tmp_path_factory.mktemp("gateway"), auth) as client:
        yield client


def assert_problem(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_bodies_are_limited(client: httpx.Client, valid: dict[str, str]) -> None:
    assert client.post("/orders", content=b" " * LIMIT, headers=valid).status_code == 200
    assert_problem(client.post("/orders", content=b" " * (LIMIT + 1), headers=valid), 413)


def test_one_route_takes_larger_bodies(config: str, tmp_path: Path, valid: dict[str, str]) -> None:
    """The edit that the reference of services describes."""
    route = 'route: {cluster: "orders", timeout: 15s}\n'
    kind = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute"
    override = f'{{envoy.filters.http.buffer: {{"@type": {kind}, buffer: {{max_request_bytes: {2 * LIMIT}}}}}}}'
    edited = config.replace(route, f"{route}{' ' * 26}typed_per_filter_config: {override}\n")
    auth = free_port()
    with stub(auth), gateway(edited, tmp_path, auth) as client:
        assert client.post("/orders", content=b" " * 2 * LIMIT, headers=valid).status_code == 200
        assert_problem(client.post("/users", content=b" " * (LIMIT + 1), headers=valid), 413)


def test_services_learn_client_and_deadline(client: httpx.Client, valid: dict[str, str]) -> None:
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    forged = {"X-Envoy-External-Address": "203.0.113.1", "X-Envoy-Expected-Rq-Timeout-Ms": "9"}
    with httpx.Client(base_url=client.base_url, transport=elsewhere) as other:
        response = other.get("/orders", headers=valid | forged)
    got = json.loads(response.headers["X-Got"])
    assert got["x-envoy-external-address"] == "127.0.0.2"
    assert 14_000 < int(got["x-envoy-expected-rq-timeout-ms"]) <= 15_000
    assert not [name for name in response.headers if name.startswith("x-envoy-")]


def test_a_replica_works_on_64_requests_at_once(client: httpx.Client, valid: dict[str, str]) -> None:
    with ThreadPoolExecutor(80) as pool:
        responses = list(pool.map(lambda _: client.get("/orders/slow", headers=valid), range(80)))
    assert {response.status_code for response in responses} == {200}
    assert 40 < max(Stub.at_once) <= 64


def test_headers_are_limited(client: httpx.Client) -> None:
    assert_problem(client.get("/health", headers={"X-Long": "x" * 20000}), 431)


def test_invalid_tokens_are_refused(client: httpx.Client, valid: dict[str, str]) -> None:
    assert_problem(client.get("/orders"), 401)
    header, payload, signature = valid["Authorization"].split(".")
    forged = f"{header}.{payload[::-1]}.{signature}"
    assert_problem(client.get("/orders", headers={"Authorization": forged}), 401)


def test_public_actions_need_no_token(tmp_path: Path, valid: dict[str, str]) -> None:
    (tmp_path / "msgen.yaml").write_text(PUBLIC)
    config = (generate_from(tmp_path / "msgen.yaml", tmp_path) / "gateway/envoy.yaml").read_text()
    bad = {"Authorization": "Bearer " + "a.b.c"}
    auth = free_port()
    with stub(auth), gateway(config, tmp_path, auth) as client:
        for path in ("/orders", "/orders/1", "/orders?limit=1"):
            assert client.get(path).status_code == 200
            assert client.get(path, headers=valid).status_code == 200
            assert_problem(client.get(path, headers=bad), 401)
        assert client.post("/orders", json={}).status_code == 200
        assert_problem(client.patch("/orders/1", json={}), 401)
        assert_problem(client.delete("/orders/1"), 401)
        assert_problem(client.get("/ordersx"), 404)
        assert_problem(client.get("/auth/me"), 401)


def test_tokens_for_another_audience_are_refused(client: httpx.Client) -> None:
    assert_problem(client.get("/orders", headers=authorization("bank")), 401)


def test_tokens_of_services_are_refused(client: httpx.Client) -> None:
    for subject in ("orders", "", f"{uuid4()}x"):
        assert_problem(client.get("/orders", headers=authorization(SYSTEM, subject)), 401)


def test_routes_with_credentials_have_a_limit_of_their_own(client: httpx.Client, valid: dict[str, str]) -> None:
    answers = [client.post("/auth/login") for _ in range(75)]
    assert [answer.status_code for answer in answers[:60]] == [200] * 60
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert_problem(refused, 429)
    assert refused.headers["Retry-After"] == "1"
    assert client.post("/auth/register").status_code == 429
    assert client.get("/orders", headers=valid).status_code == 200


def test_known_keys_serve_while_auth_is_away(config: str, tmp_path: Path, valid: dict[str, str]) -> None:
    auth = free_port()
    quick = config.replace("cache_duration: 300s", "cache_duration: 1s")
    assert quick != config
    with gateway(quick, tmp_path, auth) as client:
        unknown = client.get("/orders", headers=valid)
        assert_problem(unknown, 503)
        assert unknown.headers["Retry-After"] == "1"
        with stub(auth):
            eventually(lambda: client.get("/orders", headers=valid).status_code == 200)
            time.sleep(2)  # a fetch that failed is repeated after a second
        time.sleep(8)  # Envoy lets keys expire five seconds late
        assert client.get("/orders", headers=valid).status_code == 200


def test_memory_is_bounded(config: str) -> None:
    """Envoy's guide for edge proxies: buffers, and actions before the heap is full."""
    document = yaml.safe_load(config)
    manager = document["overload_manager"]
    heap = manager["resource_monitors"][0]["typed_config"]["max_heap_size_bytes"]
    assert heap == 204 * 2**20  # 80% of the 256 MiB in deploy/kubernetes
    actions = {action["name"].removeprefix("envoy.overload_actions.") for action in manager["actions"]}
    assert actions >= {"shrink_heap", "reset_high_memory_stream", "stop_accepting_requests"}
    listeners = {listener["name"]: listener for listener in document["static_resources"]["listeners"]}
    assert listeners["metrics"]["bypass_overload_manager"]
    bounded = [listeners["public"], listeners["proxied"], *document["static_resources"]["clusters"][1:]]
    assert {part["per_connection_buffer_limit_bytes"] for part in bounded} == {32768}
