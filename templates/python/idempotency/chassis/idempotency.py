"""Idempotent requests: one that is repeated with its `Idempotency-Key` has no second effect.

It gets the response of the first one, which is stored in the transaction of the effect: a crash
loses both or none. A key belongs to a caller, a method and a path.
"""

import json
import re
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from sqlalchemy import JSON, BigInteger, String, delete, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from chassis.context import actor
from chassis.database import Base, SessionDep, sessions
from chassis.problems import FieldError, Problem
from chassis.recurring import recurring

KEPT = timedelta(hours=24)
PRUNING_SECONDS = 3600.0
MAX_BYTES = 1_048_576
"""Maximum size of a response to a request with a key."""

KEY = re.compile(r'"([ !#-\[\]-~]{1,255})"|([!#-\[\]-~]{1,255})')
"""A string of RFC 9651, or the same characters without quotes."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StoredResponse(Base):
    __tablename__ = "idempotency_keys"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Digest of the key and what it belongs to."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Digest of the query and the body."""
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


class RepeatedError(Exception):
    """The request has been served before."""

    def __init__(self, stored: StoredResponse) -> None:
        super().__init__(stored.id)
        self.response = Response(stored.body, stored.status, stored.headers)


class Attempt:
    """A request, with or without a key."""

    def __init__(
        self,
        request: Request,
        session: SessionDep,
        idempotency_key: Annotated[
            str | None,
            Header(
                min_length=1,
                max_length=255,
                description="A repeated request with the same key has no second effect (24 hours).",
            ),
        ] = None,
    ) -> None:
        self._request = request
        self._session = session
        self._key = idempotency_key
        self._id = self._fingerprint = ""

    async def begin(self) -> None:
        """Raise `RepeatedError` if the response is stored, or refuse the request."""
        if self._key is None:
            return
        request, owner = self._request, actor.get()
        known = [owner.type, owner.id, request.method, request.url.path, _parse(self._key)]
        query = request.scope["query_string"]
        self._id = sha256(json.dumps(known).encode()).hexdigest()
        self._fingerprint = sha256(query + b"\n" + await request.body()).hexdigest()
        number = int.from_bytes(bytes.fromhex(self._id)[:8], signed=True)
        lock = func.pg_try_advisory_xact_lock(literal(number, BigInteger))
        if not await self._session.scalar(select(lock)):
            raise Problem(409, "The first request with this Idempotency-Key is still running.")
        if stored := await self._session.get(StoredResponse, self._id):
            if stored.fingerprint != self._fingerprint:
                detail = "This Idempotency-Key belongs to a request with another content."
                raise Problem(422, detail)
            raise RepeatedError(stored)
        request.state.attempt = self

    async def store(self, response: Response) -> Response:
        """Store the response when the transaction commits, and return it."""
        body = await _body(response)
        headers = {k: v for k, v in response.headers.items() if k != "content-length"}
        stored = StoredResponse(
            id=self._id,
            fingerprint=self._fingerprint,
            status=response.status_code,
            headers=headers,
            body=body,
            created_at=datetime.now(UTC),
        )
        self._session.add(stored)
        return Response(body, response.status_code, headers)


AttemptDep = Annotated[Attempt, Depends()]


class IdempotentRoute(APIRoute):
    """Stores the response of an endpoint that begins an attempt, before its transaction ends."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            try:
                response = await handle(request)
            except RepeatedError as repeated:
                return repeated.response
            attempt: Attempt | None = getattr(request.state, "attempt", None)
            return await attempt.store(response) if attempt else response

        return handle_once


def _parse(key: str) -> str:
    found = KEY.fullmatch(key)
    if not found:
        message = "must be a string of 1 to 255 ASCII characters"
        errors = [FieldError(field="header.idempotency-key", message=message)]
        raise Problem(422, "The request is not valid.", errors=errors)
    return found[1] or found[2]


async def _body(response: Response) -> bytes:
    body = b""
    if isinstance(response, StreamingResponse):
        async for part in response.body_iterator:
            body += part.encode() if isinstance(part, str) else bytes(part)
            _check_size(body)
    else:
        body = bytes(response.body)
    _check_size(body)
    return body


def _check_size(body: bytes) -> None:
    if len(body) > MAX_BYTES:
        detail = "The response is too large for a request with an Idempotency-Key."
        raise Problem(422, detail)


def lifespan(_app: FastAPI) -> AbstractAsyncContextManager[None]:
    return recurring("idempotency keys", PRUNING_SECONDS, prune)


async def prune() -> None:
    old = StoredResponse.created_at < datetime.now(UTC) - KEPT
    async with sessions().begin() as session:
        await session.execute(delete(StoredResponse).where(old))
