from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from app.resources.order import OrderListing, OrderRow
from chassis import access, crud
from chassis.caller import NOBODY, Caller, current_caller
from chassis.problems import Problem
from chassis.testing.tokens import bearer
from chassis.testing.upstream import MISSING

OWNER, OTHER = Caller(uuid4()), Caller(uuid4())
SUPPORT, ADMIN = (Caller(uuid4(), frozenset({role})) for role in ("support", "admin"))
ADMIN_OWNER = OWNER._replace(roles=ADMIN.roles)
NAMED_OWNER = Caller(uuid4(), frozenset({"owner"}))


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_policies", {})
    access.declare(
        OrderRow,
        owner=OrderRow.item_id,
        list={"owner", "support"},
        read={"owner", "support"},
        create={"user"},
        update={"owner"},
        delete={"admin"},
    )


@pytest.fixture
async def row(session: AsyncSession) -> OrderRow:
    """A row of `OWNER`."""
    row = OrderRow(item_id=OWNER.id, total=Decimal(1))
    await crud.create(session, row)
    await session.commit()
    return row


@contextmanager
def problem(status: int) -> Iterator[None]:
    with pytest.raises(Problem) as raised:
        yield
    assert raised.value.status == status


@pytest.mark.parametrize(
    ("caller", "expected"),
    [(None, 1), (OWNER, 1), (SUPPORT, 1), (OTHER, 0), (NAMED_OWNER, 0)],
    ids=str,
)
async def test_lists_hold_what_the_caller_may_see(
    session: AsyncSession, row: OrderRow, caller: Caller | None, expected: int
) -> None:
    current_caller.set(caller)

    found = await crud.find(session, OrderRow, OrderListing())

    assert (found.total, len(found.items)) == (expected, expected)
    assert row.id in {item.id for item in found.items} or not expected


@pytest.mark.parametrize("caller", [OTHER, ADMIN, NOBODY, NAMED_OWNER], ids=str)
async def test_an_unreadable_row_does_not_exist(
    session: AsyncSession, row: OrderRow, caller: Caller
) -> None:
    current_caller.set(caller)

    with problem(404):
        await crud.get(session, OrderRow, row.id)
    with problem(422):
        await crud.require(session, (OrderRow, row.id, "order_id"))


@pytest.mark.parametrize("caller", [None, OWNER, SUPPORT], ids=str)
async def test_a_readable_row_may_be_referenced(
    session: AsyncSession, row: OrderRow, caller: Caller | None
) -> None:
    current_caller.set(caller)

    await crud.require(session, (OrderRow, row.id, "order_id"), (OrderRow, None, "other_id"))

    assert (await crud.get(session, OrderRow, row.id)).id == row.id


@pytest.mark.parametrize(
    ("caller", "may_update", "may_delete"),
    [(None, True, True), (OWNER, True, False), (SUPPORT, False, False), (ADMIN, False, True)],
    ids=str,
)
async def test_changes_and_deletions_need_a_grant(
    session: AsyncSession,
    row: OrderRow,
    caller: Caller | None,
    may_update: bool,
    may_delete: bool,
) -> None:
    current_caller.set(caller)
    changes = {"total": Decimal(2)}

    for allowed, change in (
        (may_update, crud.update(session, row, changes)),
        (may_delete, crud.delete(session, row)),
    ):
        if allowed:
            await change
        else:
            with problem(403):
                await change


@pytest.mark.parametrize(
    ("account", "version", "statuses"),
    [
        (OTHER, '"7"', (404, 404)),
        (SUPPORT, '"7"', (403, 403)),
        (OWNER, '"7"', (412, 403)),
        (OWNER, '"1"', (422, 403)),
        (ADMIN_OWNER, '"7"', (412, 412)),
    ],
)
async def test_access_then_version_then_references(
    client: AsyncClient, row: OrderRow, account: Caller, version: str, statuses: tuple[int, int]
) -> None:
    headers = {"If-Match": version, **bearer(sub=str(account.id), roles=[*account.roles])}
    path, changes = f"/orders/{row.id}", {"item_id": str(MISSING)}

    changed = await client.patch(path, json=changes, headers=headers)
    deleted = await client.delete(path, headers=headers)

    assert (changed.status_code, deleted.status_code) == statuses


async def test_a_new_row_belongs_to_its_creator(session: AsyncSession) -> None:
    current_caller.set(OTHER)
    row = OrderRow(total=Decimal(1))

    await crud.create(session, row)

    assert row.item_id == OTHER.id


async def test_nobody_creates_without_an_account(session: AsyncSession) -> None:
    current_caller.set(NOBODY)

    with problem(401):
        await crud.create(session, OrderRow(item_id=uuid4(), total=Decimal(1)))


@pytest.mark.parametrize(
    ("action", "caller", "status"),
    [
        ("create", NOBODY, 401),
        ("create", OTHER, None),
        ("update", SUPPORT, None),
        ("delete", SUPPORT, 403),
        ("delete", OTHER, None),
        ("delete", ADMIN, None),
        ("delete", None, None),
    ],
    ids=str,
)
async def test_what_no_row_allows_is_refused_first(
    action: str, caller: Caller | None, status: int | None
) -> None:
    current_caller.set(caller)
    check = access.permit(action, OrderRow)

    if status is None:
        await check()
    else:
        with problem(status):
            await check()


async def test_a_refusal_is_logged(session: AsyncSession, row: OrderRow) -> None:
    current_caller.set(SUPPORT)
    known = {"event": "access denied", "log_level": "warning", "resource": "orders"}

    with capture_logs() as logs, problem(403):
        await crud.update(session, row, {"total": Decimal(2)})
    assert logs == [known | {"account": str(SUPPORT.id), "action": "update", "id": str(row.id)}]

    current_caller.set(OTHER)
    with capture_logs() as logs, problem(404):
        await crud.get(session, OrderRow, row.id)
    assert logs == [known | {"account": str(OTHER.id), "action": "read", "id": str(row.id)}]


async def test_without_an_owner_nobody_owns_rows(session: AsyncSession, row: OrderRow) -> None:
    access.declare(OrderRow, list=["owner"], read=["owner"])
    current_caller.set(OWNER)

    with problem(403):
        await crud.find(session, OrderRow, OrderListing())
    with problem(404):
        await crud.get(session, OrderRow, row.id)


async def test_a_service_does_everything_but_create_what_needs_an_owner(
    session: AsyncSession, row: OrderRow
) -> None:
    current_caller.set(Caller(service="bills"))

    assert (await crud.find(session, OrderRow, OrderListing())).total == 1
    await crud.update(session, await crud.get(session, OrderRow, row.id), {"total": Decimal(2)})
    with problem(403):
        await crud.create(session, OrderRow(total=Decimal(1)))
    await crud.delete(session, row)
