"""What a client does with the shop, through its gateway."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx

Execute = Callable[..., object]
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Account:
    email: str
    token: str


def account(client: httpx.Client, at: str = "/auth") -> Account:
    """Registers somebody new, and logs in."""
    email = f"{uuid4().hex}@example.com"
    client.post(f"{at}/register", json={"email": email, "password": PASSWORD, "name": "Ada"}).raise_for_status()
    login = client.post(f"{at}/login", json={"email": email, "password": PASSWORD}).raise_for_status()
    return Account(email, login.json()["access_token"])


def log_in(client: httpx.Client) -> Account:
    """Give the client the token of a new account."""
    new = account(client)
    client.headers["Authorization"] = f"Bearer {new.token}"
    return new


def log_in_admin(client: httpx.Client, execute: Execute) -> Account:
    """Give the client the token of a new admin; `execute` runs a command in a container of the shop's auth service."""
    new = account(client)
    execute("node", "src/auth/grant-admin.ts", new.email)
    login = client.post("/auth/login", json={"email": new.email, "password": PASSWORD}).raise_for_status()
    client.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
    return new


def user(client: httpx.Client) -> str:
    """Wait for the profile of the client's account and return its id."""
    own: str = client.get("/auth/me").raise_for_status().json()["id"]
    deadline = time.monotonic() + 60
    while (response := client.get(f"/users/{own}")).status_code != httpx.codes.OK:
        assert response.status_code == httpx.codes.NOT_FOUND, response.text
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return own


ORDER = {"total": "12.50"}


def counted(client: httpx.Client, event: str) -> int:
    count: int = client.get("/analytics/stats").raise_for_status().json()["events"][event]
    return count
