"""Traces of the database: a span for each statement that a request or a message causes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

from chassis import tracing
from chassis.database import sessions


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    engine = sessions.kw["bind"].sync_engine
    instrumentor = SQLAlchemyInstrumentor()
    # It says that it knows older versions only; the events that it listens to are the same.
    instrumentor.instrument(engine=engine, tracer_provider=tracing.children(), skip_dep_check=True)
    try:
        yield
    finally:
        instrumentor.uninstrument()
