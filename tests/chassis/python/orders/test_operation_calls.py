import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.clients import stock
from chassis import rest
from chassis.testing.upstream import Remote

ITEM: UUID = uuid4()


@pytest.fixture(autouse=True)
def started(application: FastAPI) -> None:
    """Have the application run."""


def answer(remote: Remote, content: object, status: int = 200) -> None:
    remote.answer = lambda _: httpx.Response(status, json=content)


async def test_output_is_a_resource(remote: Remote) -> None:
    stamps = dict.fromkeys(("created_at", "updated_at"), "2030-01-31T12:00:00.000Z")
    answer(remote, {"id": str(ITEM), "version": 2, "name": "lamp", "new": 1, **stamps})

    item = await stock.reserve_item(ITEM, stock.ReserveItemInput(amount=3))

    [request] = remote.requests
    assert (item.id, item.name) == (ITEM, "lamp")
    assert (request.method, request.url.path) == ("POST", f"/items/{ITEM}/reserve")
    assert json.loads(request.content) == {"amount": 3}


async def test_output_is_a_list_of_fields(remote: Remote) -> None:
    answer(remote, [{"price": "9.99", "until": "2030-01-31"}, {"price": "1"}])
    given = stock.PricesItemInput(at=datetime(2030, 1, 31, tzinfo=UTC), gross=True)

    prices = await stock.prices_item(ITEM, "a/b c", given)

    [request] = remote.requests
    assert [price.price for price in prices] == [Decimal("9.99"), Decimal(1)]
    assert [price.until for price in prices] == [date(2030, 1, 31), None]
    assert request.url.raw_path.decode() == (
        f"/items/{ITEM}/prices/a%2Fb%20c?at=2030-01-31T00%3A00%3A00.000Z&gross=true"
    )


async def test_output_is_a_file(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(200, content=b"\x00\xff")

    assert await stock.label_item(ITEM) == b"\x00\xff"


async def test_there_is_no_output(remote: Remote) -> None:
    remote.answer = lambda _: httpx.Response(204)

    await stock.restock_item()

    assert [request.method for request in remote.requests] == ["PUT"]


async def test_a_refusal_is_an_error(remote: Remote) -> None:
    answer(remote, {"detail": "There are only two."}, 409)

    with pytest.raises(rest.RefusedError) as refused:
        await stock.reserve_item(ITEM, stock.ReserveItemInput(amount=3))

    assert refused.value.response.json() == {"detail": "There are only two."}


async def test_an_answer_that_is_not_understood(remote: Remote) -> None:
    answer(remote, [{"price": "much"}])

    with pytest.raises(rest.UnavailableError):
        await stock.prices_item(ITEM, "EUR", stock.PricesItemInput(gross=False))
