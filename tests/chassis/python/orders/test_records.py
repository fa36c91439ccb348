from decimal import Decimal
from uuid import uuid4

from httpx import AsyncClient

from app.resources.order import OrderRow
from chassis.database import new_session


async def test_list_is_empty_by_default_and_stored_when_it_grows(client: AsyncClient) -> None:
    async with new_session() as session:
        row = OrderRow(item_id=uuid4(), total=Decimal(1))
        session.add(row)
        await session.flush()
        path, first = f"/orders/{row.id}", list(row.tags)
        row.tags.append("new")
        await session.commit()

    shown = (await client.get(path)).json()

    assert (first, shown["tags"], shown["version"]) == ([], ["new"], 2)
