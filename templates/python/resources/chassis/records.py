"""Base class of the tables of resources."""

from datetime import UTC, datetime
from types import GenericAlias
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Double, Numeric, String, Uuid
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from chassis import types
from chassis.database import Base

COLUMNS: dict[Any, TypeEngine[Any]] = {
    types.String: String(255),
    types.Choice: String(40),
    types.Email: String(254),
    types.Url: String(2000),
    types.Uuid: Uuid(),
    types.Integer: BigInteger(),
    types.Number: Double(),
    types.Decimal: Numeric(18, 4),
    types.Boolean: Boolean(),
    types.Date: Date(),
    types.DateTime: DateTime(timezone=True),
}
"""Columns of single values, of which lists have arrays."""
Base.registry.update_type_annotation_map(
    {
        **COLUMNS,
        **{
            GenericAlias(list, (value,)): MutableList.as_mutable(ARRAY(column))
            for value, column in COLUMNS.items()
        },
        types.Text: TextColumn(),
        types.Json: JSONB(none_as_null=True),
    }
)


def now() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _as_created(context: DefaultExecutionContext) -> datetime:
    parameters = context.get_current_parameters()  # type: ignore[no-untyped-call]
    created_at: datetime = parameters["created_at"]
    return created_at


class Record(Base):
    """A row of a resource. A change that others have overtaken raises `StaleDataError`."""

    __abstract__ = True

    id: Mapped[types.Uuid] = mapped_column(primary_key=True, default=uuid4)
    version: Mapped[types.Integer]
    created_at: Mapped[types.DateTime] = mapped_column(index=True, default=now)
    updated_at: Mapped[types.DateTime] = mapped_column(default=_as_created, onupdate=now)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}
