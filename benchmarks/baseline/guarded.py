"""FastAPI and SQLAlchemy with the guarantees of a generated service, written by hand and for speed.

Tokens, validation, problem responses, correlation id, access log, metrics, and an outbox row for each new book.
"""

import json
import logging
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from time import perf_counter, time
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import Gauge, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import DateTime, Numeric, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import ASGIApp, Message, Receive, Scope, Send

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:")
engine = create_async_engine(url, pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
readers = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))
keys = jwt.PyJWKClient(os.environ["JWKS_URL"], lifespan=300)

REQUESTS = Histogram("requests_seconds", "Duration of requests", ["method", "route", "status"])
ACTIVE = Gauge("requests_active", "Requests in progress")
requests = cache(REQUESTS.labels)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), Decimal: Numeric(18, 4)}


class Row(Base):
    __tablename__ = "books"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    title: Mapped[str]
    price: Mapped[Decimal]
    pages: Mapped[int]


class Outbox(Base):
    __tablename__ = "outbox"

    position: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[UUID]
    exchange: Mapped[str]
    type: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]


class BookIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    price: Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
    pages: int


class Book(BookIn):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    items: list[Book]
    total: int
    limit: int
    offset: int


class Guarantees:
    """Correlation id, metrics and access log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = perf_counter()
        scope["id"] = dict(scope["headers"]).get(b"x-request-id") or str(uuid4()).encode()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", scope["id"]))
            await send(message)

        ACTIVE.inc()
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            ACTIVE.dec()
            seconds = perf_counter() - start
            requests(scope["method"], getattr(scope.get("route"), "path", ""), status).observe(seconds)
            record = {
                "time": datetime.now(UTC).isoformat(),
                "message": "request",
                "id": scope["id"].decode(),
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "duration": seconds,
            }
            sys.stdout.write(json.dumps(record) + "\n")
            sys.stdout.flush()


app = FastAPI()
app.add_middleware(Guarantees)
logging.disable(logging.INFO)


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    return JSONResponse({"status": status, "detail": detail, **more}, status, media_type="application/problem+json")


@app.exception_handler(HTTPException)
async def on_http_exception(_request: Request, error: HTTPException) -> JSONResponse:
    return problem(error.status_code, error.detail)


@app.exception_handler(RequestValidationError)
async def on_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    return problem(422, "The request is not valid.", errors=[e["msg"] for e in error.errors()[:20]])


@lru_cache(1024)
def verify(token: str) -> dict[str, Any]:
    key = keys.get_signing_key_from_jwt(token)
    names = {"audience": os.environ["TOKEN_AUDIENCE"], "issuer": os.environ["TOKEN_ISSUER"]}
    return jwt.decode(token, key, algorithms=["ES256"], **names)


async def account(request: Request) -> str:
    try:
        claims = verify(request.headers.get("authorization", "").removeprefix("Bearer "))
    except jwt.PyJWTError:
        raise HTTPException(401, "This access token is not valid.") from None
    if claims["exp"] < time():
        raise HTTPException(401, "This access token has expired.")
    return claims["sub"]


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions.begin() as session:
        yield session


async def open_reader() -> AsyncIterator[AsyncSession]:
    async with readers() as session:
        yield session


Account = Annotated[str, Depends(account)]
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
Reader = Annotated[AsyncSession, Depends(open_reader, scope="function")]


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest())


@app.get("/books/{book_id}", response_model=Book)
async def get_book(book_id: UUID, session: Reader, _account: Account, response: Response) -> Row:
    row = await session.get(Row, book_id)
    if row is None:
        raise HTTPException(404, "There is no such book.")
    response.headers["ETag"] = f'"{row.version}"'
    return row


@app.get("/books", response_model=Page)
async def list_books(
    session: Reader,
    _account: Account,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> dict[str, object]:
    page = select(Row).order_by(Row.created_at.desc(), Row.id).limit(limit).offset(offset)
    items = (await session.scalars(page)).all()
    total = await session.scalar(select(func.count()).select_from(Row))
    return {"items": items, "total": total, "limit": limit, "offset": offset}


@app.post("/books", status_code=201, response_model=Book)
async def create_book(body: BookIn, request: Request, session: Session, cause: Account) -> Row:
    now = datetime.now(UTC)
    row = Row(id=uuid4(), version=1, created_at=now, updated_at=now, **body.model_dump())
    session.add(row)
    await session.flush()
    message_id = uuid4()
    event = {
        "specversion": "1.0",
        "id": str(message_id),
        "source": "/shelves",
        "type": "book.created",
        "time": now.isoformat(),
        "correlationid": request.scope["id"].decode(),
        "authid": cause,
        "data": Book.model_validate(row).model_dump(mode="json"),
    }
    values = {"message_id": message_id, "exchange": "events", "type": "book.created", "created_at": now}
    await session.execute(insert(Outbox).values(**values, body=json.dumps(event)))
    return row
