from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from app.messages import OrderCancelled
from app.operation_schemas import CancelOrderInput, ResetOrderInput, SummaryOrderOutput
from app.resources.order import OrderRow
from chassis import crud, outbox
from chassis.caller import Caller, current_caller
from chassis.files import File
from chassis.problems import Problem
from chassis.testing.rabbitmq import Server, until
from chassis.testing.samples.order import create_order
from chassis.testing.tokens import account_of, bearer

Replace = Callable[[Callable[..., Coroutine[Any, Any, Any]]], None]


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Replace the function of an operation."""

    def replace(function: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        monkeypatch.setattr(f"app.operation_routes.run_{function.__name__}", function)

    return replace


async def test_changes_the_row_and_publishes(
    client: AsyncClient, rabbitmq: Server, replace: Replace
) -> None:
    callers: list[Caller | None] = []

    async def cancel_order(
        order: OrderRow, given: CancelOrderInput, session: AsyncSession, caller: Caller
    ) -> OrderRow:
        callers.extend([caller, current_caller.get()])
        order.total = Decimal(0)
        outbox.publish(session, OrderCancelled(reason=given.reason))
        return order

    replace(cancel_order)
    path = f"/orders/{(await create_order(client))['id']}"

    response = await client.post(f"{path}/cancel", json={"reason": "late"})

    assert response.status_code == 200, response.text
    assert response.headers["ETag"] == '"2"'
    assert response.json() == (await client.get(path)).json()
    assert response.json()["total"] == "0"
    assert [caller and str(caller.id) for caller in callers] == [account_of(client), None]
    await until(lambda: len(rabbitmq.published) == 3)
    types = {key for key, _ in rabbitmq.published}
    assert types == {"order.created", "order.updated", "order.cancelled"}


async def test_an_error_undoes_everything(client: AsyncClient, replace: Replace) -> None:
    async def cancel_order(
        order: OrderRow, _given: CancelOrderInput, session: AsyncSession, _caller: Caller
    ) -> OrderRow:
        await crud.update(session, order, {"total": Decimal(0)})
        raise Problem(409, "It is on its way.")

    replace(cancel_order)
    shown = await create_order(client)
    path = f"/orders/{shown['id']}"

    response = await client.post(f"{path}/cancel", json={"reason": "late"})

    assert response.status_code == 409
    assert (await client.get(path)).json() == shown


async def test_the_starter_is_logged_without_a_stack(client: AsyncClient) -> None:
    path = f"/orders/{(await create_order(client))['id']}"

    with capture_logs() as logs:
        response = await client.post(f"{path}/cancel", json={"reason": "late"})

    assert response.status_code == 501
    assert response.json()["detail"] == "cancel-order is not implemented yet."
    [line] = [line for line in logs if line["event"] == "request failed"]
    assert line["log_level"] == "warning"
    assert not line["exc_info"]


@pytest.mark.parametrize(
    ("body", "version", "roles", "status"),
    [
        ({"reason": 1}, '"7"', [], 403),
        ({"reason": 1}, '"7"', ["admin"], 422),
        ({"reason": "late"}, '"7"', ["admin"], 412),
        ({"reason": "late"}, '"1"', ["admin"], 501),
        ({"reason": "late"}, "*", ["admin"], 501),
    ],
)
async def test_what_is_checked_first(
    client: AsyncClient, body: dict[str, Any], version: str, roles: list[str], status: int
) -> None:
    path = f"/orders/{(await create_order(client))['id']}"
    headers = {"If-Match": version, **bearer(roles=roles)}

    response = await client.post(f"{path}/cancel", json=body, headers=headers)

    assert response.status_code == status, response.text


async def test_paths_come_before_those_with_ids(client: AsyncClient, replace: Replace) -> None:
    async def summary_order(_session: AsyncSession, _caller: Caller) -> list[SummaryOrderOutput]:
        return [SummaryOrderOutput(total=Decimal("1.50"))]

    replace(summary_order)

    response = await client.get("/orders/summary")

    assert response.json() == [{"total": "1.5"}]


async def test_output_is_checked(client: AsyncClient, replace: Replace) -> None:
    async def summary_order(*_: object) -> list[dict[str, Any]]:
        return [{"total": "much"}]

    replace(summary_order)

    assert (await client.get("/orders/summary")).status_code == 500


async def test_parameters_keep_their_names(client: AsyncClient, replace: Replace) -> None:
    found = []

    async def reset_order(
        _order: OrderRow, number: int, given: ResetOrderInput, _session: AsyncSession, _: Caller
    ) -> None:
        found.extend([number, given.hard])

    replace(reset_order)
    path = f"/orders/{(await create_order(client))['id']}/reset"

    wrong = await client.delete(f"{path}/much?hard=1")
    response = await client.delete(f"{path}/7?hard=true")

    assert (response.status_code, found) == (204, [7, True])
    assert {e["field"] for e in wrong.json()["errors"]} == {"path.session", "query.hard"}


async def parts() -> AsyncIterator[bytes]:
    for part in (b"a,b\n", b"1,2\n"):
        yield part


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", parts()])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order.csv", 'attachment; filename="order.csv"'),
        ('€"\r\n.csv', "attachment; filename*=UTF-8''%E2%82%AC%22%0D%0A.csv"),
    ],
)
async def test_a_file_is_downloaded(
    client: AsyncClient,
    replace: Replace,
    content: bytes | AsyncIterator[bytes],
    name: str,
    expected: str,
) -> None:
    async def print_order(*_: object) -> File:
        return File(name, content if isinstance(content, bytes) else parts(), "text/csv")

    replace(print_order)
    path = f"/orders/{(await create_order(client))['id']}"

    response = await client.get(f"{path}/print")

    assert response.content == b"a,b\n1,2\n"
    assert response.headers["Content-Disposition"] == expected
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"].startswith("text/csv")
    assert (await client.get(f"/orders/{uuid4()}/print")).status_code == 404
