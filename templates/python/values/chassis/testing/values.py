"""Values for tests: as JSON, and different with each number."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from httpx import AsyncClient

numbers = count(1)
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


def string(n: int, least: int = 1, most: int = 255) -> str:
    return f"text {n}".rjust(least, "-")[-most:]


def email(n: int) -> str:
    return f"person{n}@example.com"


def url(n: int) -> str:
    return f"https://example.com/{n}"


def uuid(_n: int) -> str:
    return str(uuid4())


def integer(n: int, least: int | None = None, most: int | None = None) -> int:
    if least is None:
        least = 0 if most is None else most - 1000
    return least + n % ((least + 1000 if most is None else most) - least + 1)


def number(n: int, least: float | None = None, most: float | None = None) -> float:
    if least is None:
        least = 0.0 if most is None else most - 1000
    return least + (n % 8) / 8 * ((least + 1000 if most is None else most) - least)


def decimal(n: int, least: float | None = None, most: float | None = None) -> str:
    """With one digit after the point, unless the bounds leave no room for that."""
    if least is None and most is None:
        return f"{n}.5"
    return f"{Decimal(number(n, least, most)):.4f}".rstrip("0").rstrip(".")


def boolean(n: int) -> bool:
    return n % 2 == 0


def date(n: int) -> str:
    return (EPOCH + timedelta(days=n)).date().isoformat()


def moment(n: int) -> str:
    return (EPOCH + timedelta(days=n)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json(n: int) -> dict[str, Any]:
    return {"number": n, "list": ["a", None, {"deep": 1.5}]}


def choice(n: int, *choices: str) -> str:
    return choices[n % len(choices)]


async def created(client: AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(path, json=body)
    assert response.status_code == 201, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def identity(creating: Awaitable[dict[str, Any]]) -> str:
    return str((await creating)["id"])
