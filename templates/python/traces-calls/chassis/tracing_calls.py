"""Traces of calls to other services: a span for each try, whose context goes along."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

from chassis import tracing


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=tracing.children())
    try:
        yield
    finally:
        instrumentor.uninstrument()
