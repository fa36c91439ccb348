from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.resources.order import OrderRow
from chassis import idempotency
from chassis.files import File
from chassis.idempotency import StoredResponse
from chassis.problems import Problem
from chassis.testing.samples.order import create_order, new_order
from chassis.testing.tokens import bearer

KEY = {"Idempotency-Key": '"a key"'}


async def post(client: AsyncClient, key: dict[str, str] = KEY, **changes: Any) -> Response:
    return await client.post("/orders", json=await new_order(client) | changes, headers=key)


async def count(client: AsyncClient) -> int:
    return int((await client.get("/orders")).json()["total"])


def same(first: Response, second: Response) -> bool:
    return first.content == second.content and all(
        first.headers[name] == second.headers[name]
        for name in first.headers.keys() | second.headers.keys()
        if name.lower() != "x-request-id"
    )


async def test_a_repeated_creation_has_no_second_effect(client: AsyncClient) -> None:
    body = await new_order(client)

    first, second = [await client.post("/orders", json=body, headers=KEY) for _ in range(2)]

    assert first.status_code == second.status_code == 201
    assert same(first, second)
    assert second.headers["ETag"] == '"1"'
    assert await count(client) == 1


async def test_requests_without_a_key_are_not_stored(
    client: AsyncClient, session: AsyncSession
) -> None:
    await post(client, {})

    assert await session.scalar(select(func.count()).select_from(StoredResponse)) == 0


async def test_quotes_do_not_belong_to_the_key(client: AsyncClient) -> None:
    body = await new_order(client)
    keys = [{"Idempotency-Key": key} for key in ("a-key", '"a-key"')]

    first, second = [await client.post("/orders", json=body, headers=key) for key in keys]

    assert same(first, second)


async def test_a_key_belongs_to_one_content(client: AsyncClient) -> None:
    await post(client, total="1")

    response = await post(client, total="2")

    assert response.status_code == 422
    assert await count(client) == 1


async def test_a_key_belongs_to_its_caller(client: AsyncClient) -> None:
    body = await new_order(client)
    first = await client.post("/orders", json=body, headers=KEY)

    second = await client.post("/orders", json=body, headers=KEY | bearer())

    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, '"', 'a"b', "a\\b", "two words"])
async def test_a_key_is_text(client: AsyncClient, key: str) -> None:
    response = await post(client, {"Idempotency-Key": key})

    assert response.status_code == 422
    assert [e["field"] for e in response.json()["errors"]] == ["header.idempotency-key"]


async def test_a_refused_request_may_be_repeated(client: AsyncClient) -> None:
    assert (await post(client, total="much")).status_code == 422

    assert (await post(client)).status_code == 201


async def test_a_request_that_runs_is_not_repeated(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/orders/{(await create_order(client))['id']}/reset/1"
    inner: list[Response] = []

    async def reset_order(*_: object) -> None:
        inner.append(await client.delete(path, headers=KEY))

    monkeypatch.setattr("app.operation_routes.run_reset_order", reset_order)

    outer = await client.delete(path, headers=KEY)
    again = await client.delete(path, headers=KEY)

    assert [outer.status_code, again.status_code] == [204, 204]
    assert [response.status_code for response in inner] == [409]


async def test_an_effect_and_its_response_are_undone_together(
    client: AsyncClient, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/orders/{(await create_order(client))['id']}/reset/1"

    async def reset_order(order: OrderRow, *_: object) -> None:
        order.total += 1
        raise Problem(409, "Not now.")

    monkeypatch.setattr("app.operation_routes.run_reset_order", reset_order)

    assert (await client.delete(path, headers=KEY)).status_code == 409
    assert await session.scalar(select(func.count()).select_from(StoredResponse)) == 0


@pytest.mark.parametrize(("most", "status"), [(10, 200), (9, 422)])
async def test_a_file_is_stored_up_to_a_size(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, most: int, status: int
) -> None:
    files = iter([[b"01234", b"56789"], [b"another"]])

    async def parts(content: list[bytes]) -> AsyncIterator[bytes]:
        for part in content:
            yield part

    async def export_order(*_: object) -> File:
        return File("orders.csv", parts(next(files)), "text/csv")

    monkeypatch.setattr("app.operation_routes.run_export_order", export_order)
    monkeypatch.setattr(idempotency, "MAX_BYTES", most)

    first = await client.post("/orders/export", headers=KEY)

    assert first.status_code == status
    if status == 200:
        assert first.content == b"0123456789"
        assert same(first, await client.post("/orders/export", headers=KEY))


async def test_keys_are_kept_for_a_day(client: AsyncClient, session: AsyncSession) -> None:
    assert (await post(client)).status_code == 201
    for age, kept in (timedelta(hours=23), 1), (timedelta(hours=2), 0):
        created = StoredResponse.created_at - age
        await session.execute(update(StoredResponse).values(created_at=created))
        await session.commit()

        await idempotency.prune()

        assert await session.scalar(select(func.count()).select_from(StoredResponse)) == kept
