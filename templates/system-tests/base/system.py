"""Access to the running system: the gateway, and containers in Docker or a cluster."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

ROOT = Path(__file__).parents[2]
NAMESPACE = os.environ.get("NAMESPACE")
"""Namespace of the system in a cluster; empty if Docker Compose runs it."""
T = TypeVar("T")


def output(*command: str) -> str:
    """Run a command and return its output."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
    return done.stdout


def compose(*arguments: str) -> str:
    return output("docker", "compose", *arguments)


def kubectl(*arguments: str) -> str:
    return output("kubectl", f"--namespace={NAMESPACE}", *arguments)


def url(service: str, port: int) -> str:
    """Return the URL of a container's port on this host."""
    if NAMESPACE:
        return os.environ[f"{service.upper().replace('-', '_')}_URL"]
    address = compose("port", service, str(port)).strip()
    return f"http://127.0.0.1:{address.rpartition(':')[2]}"


def stop(service: str) -> None:
    if NAMESPACE:
        kubectl("scale", f"deployment/{service}", "--replicas=0")
        kubectl("wait", "--for=delete", "pod", f"--selector=app.kubernetes.io/name={service}")
    else:
        compose("stop", service)


def start(service: str) -> None:
    if NAMESPACE:
        kubectl("scale", f"deployment/{service}", "--replicas=1")
        kubectl("rollout", "status", f"deployment/{service}")
    else:
        compose("start", service)


def execute(service: str, *command: str) -> str:
    """Run a command in a container of a service and return its output."""
    if NAMESPACE:
        return kubectl("exec", f"deployment/{service}", "--container=app", "--", *command)
    return compose("exec", "-T", service, *command)


def eventually(check: Callable[[], T]) -> T:
    """Retry `check` until its assertions hold, for up to two minutes, and return its result."""
    retrying = Retrying(
        retry=retry_if_exception_type(AssertionError),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(120),
        reraise=True,
    )
    return retrying(check)


def logged(service: str, text: str) -> None:
    """Assert that a service logged a line with this text in the last minutes."""
    if NAMESPACE:
        log = kubectl("logs", "--since=5m", "--container=app", f"deployment/{service}")
    else:
        log = compose("logs", "--no-log-prefix", "--no-color", "--since", "5m", service)
    assert text in log, f"{service} logged nothing with {text}"


class PatientTransport(httpx.HTTPTransport):
    """Respect the gateway's rate limit: wait and retry on 429."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        retrying = Retrying(
            retry=retry_if_result(lambda response: response.status_code == 429),
            wait=lambda state: float(_response(state).headers["Retry-After"]),
            before_sleep=lambda state: _response(state).close(),
            stop=stop_after_delay(60),
            retry_error_callback=_response,
        )
        return retrying(super().handle_request, request)


def _response(state: RetryCallState) -> httpx.Response:
    assert state.outcome
    response: httpx.Response = state.outcome.result()
    return response


def new_client() -> httpx.Client:
    """Return a client of the gateway without a token."""
    return httpx.Client(base_url=url("gateway", 8080), timeout=20, transport=PatientTransport())
