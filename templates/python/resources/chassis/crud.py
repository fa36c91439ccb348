"""Read and write rows of resources."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Header, Response
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from chassis import paging
from chassis.database import refused, sqlstate
from chassis.paging import Listing
from chassis.problems import Problem, dangling
from chassis.records import Record

R = TypeVar("R", bound=Record)

FOREIGN_KEY, UNIQUE = "23503", "23505"
KEY_SHARE = {"read": True, "key_share": True}

IfMatch = Annotated[
    str | None,
    Header(description="ETag of the version that the change is meant for; 412 if it is another."),
]


async def find(session: AsyncSession, record: type[R], listing: Listing) -> paging.Found[R]:
    conditions = list(paging.conditions(listing, record))
    count = select(func.count()).select_from(record).where(*conditions)
    rows = (
        select(record)
        .where(*conditions)
        .order_by(*paging.order(listing, record))
        .limit(listing.limit)
        .offset(listing.offset)
    )
    return paging.Found(
        items=(await session.scalars(rows)).all(),
        total=await session.scalar(count) or 0,
        limit=listing.limit,
        offset=listing.offset,
    )


async def get(
    session: AsyncSession, record: type[R], row_id: UUID, if_match: str | None = None
) -> R:
    """Return the row in the version that the caller expects."""
    row = await session.get(record, row_id)
    if row is None:
        raise Problem(404, "There is nothing with this id.")
    expected = [tag.strip() for tag in (if_match or "*").split(",")]
    if "*" not in expected and etag(row) not in expected:
        raise Problem(412, "It has changed: this is not its version any more.")
    return row


async def create(session: AsyncSession, row: Record) -> None:
    session.add(row)
    await _flush(session, row)


async def update(session: AsyncSession, row: Record, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    await _flush(session, row)


async def delete(session: AsyncSession, row: Record) -> None:
    await session.delete(row)
    try:
        await session.flush()
    except StaleDataError as error:
        raise conflict() from error
    except IntegrityError as error:
        if sqlstate(error) == FOREIGN_KEY:
            raise Problem(409, "Something else still refers to it.") from error
        raise refused(error) from error


async def require(
    session: AsyncSession, *references: tuple[type[Record], UUID | None, str]
) -> None:
    """Check that what fields refer to exists, and keep it until the transaction ends."""
    for record, row_id, field in references:
        if row_id and not await session.get(record, row_id, with_for_update=KEY_SHARE):
            raise dangling(field)


def conflict() -> Problem:
    return Problem(409, "It was changed by somebody else at the same time.")


def etag(row: Record) -> str:
    return f'"{row.version}"'


def set_version_headers(response: Response, row: Record, path: str | None = None) -> None:
    """Set the version of a row, and the location of a new one."""
    response.headers["ETag"] = etag(row)
    if path:
        response.headers["Location"] = f"{path}/{row.id}"


async def _flush(session: AsyncSession, row: Record) -> None:
    unique = [c.name for c in inspect(type(row)).columns if c.unique]
    try:
        await session.flush()
    except StaleDataError as error:
        raise conflict() from error
    except IntegrityError as error:
        if sqlstate(error) == UNIQUE and unique:
            raise Problem(409, f"Taken already: {' or '.join(unique)}.") from error
        raise refused(error) from error
