"""The least that answers the same two requests: FastAPI and SQLAlchemy, and nothing around them."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:")
sessions = async_sessionmaker(create_async_engine(url, pool_size=10))
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "books"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str]
    price: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    pages: Mapped[int]


class Book(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    title: str
    price: Decimal
    pages: int


class Page(BaseModel):
    items: list[Book]
    total: int
    limit: int
    offset: int


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]


@app.get("/books/{book_id}", response_model=Book)
async def get_book(book_id: UUID, session: Session) -> Row:
    row = await session.get(Row, book_id)
    if row is None:
        raise HTTPException(404)
    return row


@app.get("/books", response_model=Page)
async def list_books(session: Session, limit: int = 20, offset: int = 0) -> dict[str, object]:
    page = select(Row).order_by(Row.created_at.desc(), Row.id).limit(limit).offset(offset)
    items = (await session.scalars(page)).all()
    total = await session.scalar(select(func.count()).select_from(Row))
    return {"items": items, "total": total, "limit": limit, "offset": offset}
