"""Clients of the shop that go on until they are told to stop; runs in a pod beside it, with what its services have."""

import json
import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx

CLIENTS = 3
STOP = Path("/tmp/stop")  # its own volume
PASSWORD = "correct horse battery staple"  # of accounts that are made here


def log_in(client: httpx.Client) -> None:
    who = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    client.post("/auth/register", json=who | {"name": "Ada"}).raise_for_status()
    tokens = client.post("/auth/login", json=who).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"


class Load:
    def __init__(self) -> None:
        self.done = 0
        self.created = 0
        self.lost: list[str] = []

    def run(self, number: int) -> None:
        """As behind a proxy, which says who the client is: so each has a rate limit of its own."""
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        with httpx.Client(base_url="http://gateway:81", headers=headers, timeout=20) as client:
            log_in(client)
            time.sleep(10)  # until the account has its profile
            while not STOP.exists():
                try:
                    self.go_round(client)
                except (httpx.HTTPError, KeyError) as error:
                    self.lost.append(f"{time.strftime('%H:%M:%S')} {error!r}")
                time.sleep(0.2)

    def go_round(self, client: httpx.Client) -> None:
        user = client.get("/auth/me").raise_for_status().json()["id"]
        client.get(f"/users/{user}").raise_for_status()
        order = client.post("/orders", json={"total": "12.50"}).raise_for_status().json()
        self.created += 1
        client.patch(f"/orders/{order['id']}", json={"total": "13.50"}).raise_for_status()
        client.get("/orders").raise_for_status()
        self.done += 5


def main() -> None:
    load = Load()
    threads = [threading.Thread(target=load.run, args=(number,)) for number in range(1, CLIENTS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"done": load.done, "created": load.created, "lost": load.lost}), flush=True)  # noqa: T201
    time.sleep(3600)  # for whoever reads it


if __name__ == "__main__":
    main()
