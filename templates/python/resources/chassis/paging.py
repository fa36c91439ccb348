"""Lists of resources: pages, filters and sorting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ARRAY, JSON, ColumnElement, Text, UnaryExpression

from chassis.records import Record
from chassis.types import WHOLE, DateTime, Schema

T = TypeVar("T")

_Integer = Annotated[int, WHOLE]

MAX_OFFSET = 10_000
"""The database reads and drops the rows before a page."""


@dataclass(frozen=True)
class Found(Generic[T]):
    """A page of rows."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    """Not a `Sequence`, whose validation makes one generic copy more."""
    total: int
    """Number of results on all pages."""
    limit: int
    offset: int


class Listing(Schema):
    """The query of a list: which rows, in which order."""

    limit: _Integer = Field(20, ge=1, le=100)
    offset: _Integer = Field(0, ge=0, le=MAX_OFFSET)
    sort: str = "-created_at"
    created_at: DateTime | None = None
    created_at_min: DateTime | None = None
    created_at_max: DateTime | None = None
    updated_at: DateTime | None = None
    updated_at_min: DateTime | None = None
    updated_at_max: DateTime | None = None


def conditions(listing: Listing, record: type[Record]) -> Iterator[ColumnElement[bool]]:
    columns = record.__table__.columns
    filters = listing.model_dump(exclude={"limit", "offset", "sort"}, exclude_none=True)
    for name, value in filters.items():
        if name in columns and isinstance(columns[name].type, ARRAY):
            yield columns[name].contains([value])
        elif name in columns:
            yield columns[name] == value
        elif name.endswith("_min"):
            yield columns[name.removesuffix("_min")] >= value
        else:
            yield columns[name.removesuffix("_max")] <= value


def order(listing: Listing, record: type[Record]) -> list[UnaryExpression[Any]]:
    """By `sort`, then by id, so that no row is on two pages or on none."""
    columns = record.__table__.columns
    keys = [*listing.sort.split(","), "id"]
    return [columns[k[1:]].desc() if k.startswith("-") else columns[k].asc() for k in keys]


def sort_keys(record: type[Record]) -> Any:  # noqa: ANN401 - stands for the parameter's default
    """The parameter `sort`: names of columns in a row, each with `-` before it for descending."""
    columns = record.__table__.columns
    names = [c.name for c in columns if not isinstance(c.type, Text | JSON | ARRAY)]
    key = f"-?({'|'.join(names)})"
    return Field("-created_at", pattern=f"^{key}(,{key}){{0,9}}$")
