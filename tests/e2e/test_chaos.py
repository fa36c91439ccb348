"""What happens to the shop's messages when containers are killed while it works."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from . import journey
from .conftest import System

VICTIMS = ("rabbitmq", "postgres", "analytics", "orders", "notifications")


def persist(client: httpx.Client, path: str, body: dict[str, str], done: tuple[int, ...] = (201,)) -> httpx.Response:
    """Asks until it gets a final answer, as a patient client would."""
    deadline = time.monotonic() + 240
    while True:
        try:
            answer = client.post(path, json=body)
            if answer.status_code in done:
                return answer
            assert answer.status_code in (429, 500, 502, 503, 504), answer.text
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, f"{path} did not come back"
        time.sleep(0.5)


def kill_at_random(shop: System, working: threading.Event, kills: int) -> list[str]:
    choose = random.Random(7)
    killed = [*VICTIMS, *(choose.choice(VICTIMS) for _ in range(kills - len(VICTIMS)))]
    for victim in killed:
        working.wait()
        time.sleep(choose.uniform(0.5, 1.5))
        shop.compose("kill", "--signal", "KILL", victim)
        time.sleep(choose.uniform(0.5, 2))
        shop.compose("start", victim)
        time.sleep(choose.uniform(1, 3))
    return killed


def total(client: httpx.Client) -> int:
    count: int = client.get("/orders", params={"limit": 1}).raise_for_status().json()["total"]
    return count


@pytest.mark.parametrize(
    ("orders", "registrations", "kills"), [(160, 40, 5), pytest.param(400, 100, 10, marks=pytest.mark.thorough)]
)
def test_kills_lose_no_message_and_repeat_no_effect(shop: System, orders: int, registrations: int, kills: int) -> None:
    working = threading.Event()
    killing_over = threading.Event()
    with httpx.Client(base_url=shop.url, timeout=20) as client, ThreadPoolExecutor(10) as pool:
        journey.log_in_admin(client, lambda *command: shop.compose("exec", "-T", "auth", *command))
        journey.user(client)
        client.post("/orders", json=journey.ORDER).raise_for_status()
        settle(client, 0)
        orders_before, counted_before = total(client), journey.counted(client, "order.created")
        registered_before = journey.counted(client, "user.registered")
        emails = [f"chaos-{uuid4().hex}@example.com" for _ in range(registrations)]

        def place_order(number: int) -> str:
            if number >= 40:
                working.set()
            if number > orders * 0.8:
                killing_over.wait(300)
            return persist(client, "/orders", journey.ORDER).json()["id"]

        def register(email: str) -> None:
            body = {"email": email, "password": journey.PASSWORD, "name": "Ada"}
            persist(client, "/auth/register", body, (202,))

        placed = [pool.submit(place_order, n) for n in range(orders)]
        registered = [pool.submit(register, email) for email in emails]
        try:
            kill_at_random(shop, working, kills)
        finally:
            killing_over.set()
        ids = [future.result() for future in placed]
        for future in registered:
            future.result()

        assert len(set(ids)) == orders
        services = [folder.name for folder in (shop.root / "services").iterdir()]
        shop.compose("up", "--detach", "--wait", "--no-build", "gateway", *services)
        placed_now = settle(client, orders_before)
        assert placed_now >= orders
        assert eventually(lambda: journey.counted(client, "order.created") - counted_before, placed_now) == placed_now
        assert eventually(lambda: journey.counted(client, "user.registered") - registered_before, registrations) == (
            registrations
        )
        mails = eventually_mails(shop, set(emails))
    # A mailer cannot know whether a mail that it was killed over was sent: it may repeat one, with the same Message-ID.
    assert {address for address, _ in mails} == set(emails)
    assert len({message_id for _, message_id in mails}) == registrations
    dead = shop.compose("exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "list_queues", "name", "messages")
    waiting = {name: int(count) for name, count in (line.split() for line in dead.splitlines()[1:])}
    assert not {name: count for name, count in waiting.items() if count}


def settle(client: httpx.Client, before: int) -> int:
    """Orders placed since then, once all is well again."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return total(client) - before
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(1)


def eventually(count, wanted: int) -> int:
    """The count when it has reached what is wanted and stayed there for some seconds, or the last one."""
    deadline = time.monotonic() + 120
    while count() < wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(8)
    return count()


def eventually_mails(shop: System, wanted: set[str]) -> list[tuple[str, str]]:
    deadline = time.monotonic() + 120
    while True:
        mails = httpx.get(f"{shop.mails_url}/email", timeout=30).json()
        found = [(mail["to"][0]["address"], mail["headers"]["message-id"]) for mail in mails]
        found = [(address, message_id) for address, message_id in found if address in wanted]
        if {address for address, _ in found} == wanted or time.monotonic() > deadline:
            return found
        time.sleep(1)
