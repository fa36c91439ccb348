"""How the tests reach the running system: its gateway, and its containers through Docker."""

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
T = TypeVar("T")


def compose(*arguments: str) -> str:
    """What `docker compose` prints."""
    command = ["docker", "compose", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr or done.stdout}"
    return done.stdout


def url(service: str, port: int) -> str:
    """Where this machine reaches a container's port."""
    address = compose("port", service, str(port)).strip()
    return f"http://127.0.0.1:{address.rpartition(':')[2]}"


def eventually(check: Callable[[], T]) -> T:
    """What `check` returns as soon as its assertions hold; it has 30 seconds."""
    retrying = Retrying(
        retry=retry_if_exception_type(AssertionError),
        wait=wait_fixed(0.2),
        stop=stop_after_delay(30),
        reraise=True,
    )
    return retrying(check)


def logged(service: str, text: str) -> None:
    """Asserts that a service wrote a line with this text in the last minutes."""
    lines = compose("logs", "--no-log-prefix", "--no-color", "--since", "5m", service).splitlines()
    assert any(text in line for line in lines), f"{service} logged nothing with {text}"


class PatientTransport(httpx.HTTPTransport):
    """Keeps to the gateway's rate limit: when asked to, it waits and tries again."""

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
    """A client of the gateway, without a token."""
    return httpx.Client(base_url=url("gateway", 8080), timeout=20, transport=PatientTransport())
