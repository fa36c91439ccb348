"""The least that answers the same two requests: FastAPI and asyncpg, and nothing around them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from fastapi import FastAPI, HTTPException

COLUMNS = "id, version, created_at, updated_at, title, price, pages"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/books/{book_id}")
async def get_book(book_id: UUID) -> dict[str, object]:
    row = await app.state.pool.fetchrow(f"select {COLUMNS} from books where id = $1", book_id)
    if row is None:
        raise HTTPException(404)
    return dict(row)


@app.get("/books")
async def list_books(limit: int = 20, offset: int = 0) -> dict[str, object]:
    page = f"select {COLUMNS} from books order by created_at desc, id limit $1 offset $2"
    rows = await app.state.pool.fetch(page, limit, offset)
    total = await app.state.pool.fetchval("select count(*) from books")
    return {"items": [dict(row) for row in rows], "total": total, "limit": limit, "offset": offset}
