import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pydantic import AnyUrl

from chassis import rest, tracing


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones, which the service is to be started with."""
    monkeypatch.setattr(rest, "connect", rest.Connections)


class Things:
    """Another service: one that hangs up twice, and then answers."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if len(self.requests) == rest.TRIES:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def things() -> AsyncIterator[Things]:
    things = Things()
    async with await asyncio.start_server(things.answer, "127.0.0.1", 0) as server:
        things.port = server.sockets[0].getsockname()[1]
        yield things


@pytest.mark.usefixtures("connections", "application")
async def test_each_try_of_a_call_is_a_span_whose_context_goes_along(
    things: Things, spans: InMemorySpanExporter
) -> None:
    service = rest.Service("things", lambda: AnyUrl(f"http://127.0.0.1:{things.port}"))
    with tracing.roots().get_tracer("test").start_as_current_span("cause"):
        await service.request("GET", f"/things/{uuid4()}")

    tries = [span for span in spans.get_finished_spans() if span.kind is SpanKind.CLIENT]
    assert len(tries) == rest.TRIES
    for span, request in zip(tries, things.requests, strict=True):
        context = span.context
        assert f"{context.trace_id:032x}-{context.span_id:016x}" in request
