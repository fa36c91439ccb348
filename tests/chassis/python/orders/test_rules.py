from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.resources.order import OrderRow
from chassis import crud
from chassis.caller import Caller
from chassis.outbox import OutboxMessage
from chassis.problems import Problem, refuse
from chassis.rules import Rules
from chassis.testing.samples.order import create_order, new_order
from chassis.testing.tokens import account_of

MOST = 1000


@dataclass
class Rule:
    """Refuse large orders, round totals, and note what happens."""

    calls: list[tuple[str, Decimal]] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)
    fails: bool = False

    async def before(self, row: OrderRow, session: AsyncSession, caller: Caller | None, /) -> None:
        self.calls.append(("before", row.total))
        self.callers.append(str(caller and caller.id))
        await session.execute(select(OrderRow))
        if row.total > MOST:
            raise refuse(total="is too much")
        row.total = Decimal(round(row.total))

    async def after(self, row: OrderRow, session: AsyncSession, _: Caller | None, /) -> None:
        found = select(func.count()).select_from(OrderRow).where(OrderRow.total == row.total)
        assert await session.scalar(found) in (0, 1)
        self.calls.append(("after", row.total))
        if self.fails:
            raise Problem(409, "This cannot follow.")


@dataclass
class UpdateRule(Rule):
    async def before(  # type: ignore[override]
        self, row: OrderRow, was: OrderRow, session: AsyncSession, caller: Caller | None, /
    ) -> None:
        self.calls.append(("was", was.total))
        await super().before(row, session, caller)

    async def after(  # type: ignore[override]
        self, row: OrderRow, was: OrderRow, session: AsyncSession, caller: Caller | None, /
    ) -> None:
        self.calls.append(("was", was.total))
        await super().after(row, session, caller)


@pytest.fixture
def rules(application: FastAPI) -> Rules[OrderRow]:
    application.state.rules = {}
    return Rules[OrderRow](create=Rule(), update=UpdateRule(), delete=Rule())


async def created(client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]) -> str:
    """Create an order, and set the rules for what follows."""
    path = f"/orders/{(await create_order(client, total='10'))['id']}"
    application.state.rules = {OrderRow: rules}
    return path


async def test_creation(client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]) -> None:
    application.state.rules = {OrderRow: rules}

    shown = await create_order(client, total="7.9")

    assert isinstance(rules.create, Rule)
    assert shown["total"] == "8"
    assert rules.create.calls == [("before", Decimal("7.9")), ("after", Decimal(8))]
    assert rules.create.callers == [account_of(client)]


async def test_refused_creation(
    client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]
) -> None:
    application.state.rules = {OrderRow: rules}

    response = await client.post("/orders", json=await new_order(client, total="1001"))

    assert response.status_code == 422
    assert response.json()["errors"] == [{"field": "body.total", "message": "is too much"}]
    assert (await client.get("/orders")).json()["total"] == 0


async def test_an_error_afterwards_undoes_the_change(
    client: AsyncClient, application: FastAPI, session: AsyncSession, rules: Rules[OrderRow]
) -> None:
    application.state.rules = {OrderRow: rules}
    assert isinstance(rules.create, Rule)
    rules.create.fails = True

    response = await client.post("/orders", json=await new_order(client))

    assert response.status_code == 409
    assert (await client.get("/orders")).json()["total"] == 0
    assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


async def test_update(client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]) -> None:
    path = await created(client, application, rules)

    response = await client.patch(path, json={"total": "20.4"})

    assert isinstance(rules.update, Rule)
    assert (response.json()["total"], response.json()["version"]) == ("20", 2)
    was = ("was", Decimal(10))
    assert rules.update.calls == [was, ("before", Decimal("20.4")), was, ("after", Decimal(20))]


@pytest.mark.parametrize("total", ["10", "10.4"])
async def test_an_update_without_changes_has_no_rules(
    client: AsyncClient, application: FastAPI, rules: Rules[OrderRow], total: str
) -> None:
    path = await created(client, application, rules)

    response = await client.patch(path, json={"total": total})

    assert isinstance(rules.update, Rule)
    assert response.json()["version"] == 1
    assert "after" not in dict(rules.update.calls)
    assert bool(rules.update.calls) == (total != "10")


async def test_refused_update(
    client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]
) -> None:
    path = await created(client, application, rules)

    response = await client.patch(path, json={"total": "1001"})

    assert response.status_code == 422
    assert (await client.get(path)).json()["total"] == "10"


async def test_deletion(client: AsyncClient, application: FastAPI, rules: Rules[OrderRow]) -> None:
    path = await created(client, application, rules)
    assert isinstance(rules.delete, Rule)
    rules.delete.fails = True
    assert (await client.delete(path)).status_code == 409
    rules.delete.fails = False

    response = await client.delete(path)

    assert response.status_code == 204
    assert rules.delete.calls == [("before", Decimal(10)), ("after", Decimal(10))] * 2


async def test_changes_by_handlers_have_no_caller(
    application: FastAPI, session: AsyncSession, rules: Rules[OrderRow]
) -> None:
    application.state.rules = {OrderRow: rules}
    row = OrderRow(item_id=None, total=Decimal(2000))

    with pytest.raises(Problem):
        await crud.create(session, row)

    assert isinstance(rules.create, Rule)
    assert rules.create.callers == ["None"]
