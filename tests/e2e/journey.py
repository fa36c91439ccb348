"""What a client does with the shop, through its gateway."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

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


def log_in(client: httpx.Client) -> None:
    """Gives the client the token of somebody new."""
    client.headers["Authorization"] = f"Bearer {account(client).token}"


def user(client: httpx.Client) -> str:
    """Creates a user; answers its id."""
    body = {"email": f"{uuid4().hex}@example.com", "name": "Ada"}
    created: dict[str, Any] = client.post("/users", json=body).raise_for_status().json()
    return str(created["id"])


def order(user_id: str) -> dict[str, str]:
    return {"user_id": user_id, "total": "12.50"}


def counted(client: httpx.Client, event: str) -> int:
    count: int = client.get("/analytics/stats").raise_for_status().json()["events"][event]
    return count
