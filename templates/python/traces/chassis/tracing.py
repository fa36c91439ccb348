"""Traces: OpenTelemetry spans of what one request sets off, here and in other services."""

import logging
import os
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from time import monotonic

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ParentBased,
    ParentBasedTraceIdRatio,
    Sampler,
)

from chassis import SERVICE
from chassis.settings import get_settings

# Attributes by their names of today, where the instrumentations still know others.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

EXPORT_SECONDS = 2.0
"""How long a batch of spans is offered to a collector that does not take it; then it is dropped."""
WARNING_SECONDS = 60.0
UNTRACED = ("/health/", "/metrics")


class Seldom(logging.Filter):
    """Lets a record pass once in a while: a collector that is away fails every batch."""

    def __init__(self) -> None:
        super().__init__()
        self.next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        passes = monotonic() >= self.next
        if passes:
            self.next = monotonic() + WARNING_SECONDS
        return passes


logging.getLogger(OTLPSpanExporter.__module__).addFilter(Seldom())


def make_processor() -> SpanProcessor:
    """Sends spans to `OTEL_EXPORTER_OTLP_ENDPOINT`, from a thread of its own."""
    return BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_SECONDS))


@cache
def processor() -> SpanProcessor:
    return make_processor()


@cache
def roots() -> TracerProvider:
    """Makes spans that may begin a trace; whether one is kept was decided where it began."""
    return _provider(ParentBasedTraceIdRatio(get_settings().otel_traces_sampler_arg))


@cache
def children() -> TracerProvider:
    """Makes spans within others only: what a task in the background asks begins no trace."""
    return _provider(ParentBased(ALWAYS_OFF))


def _provider(sampler: Sampler) -> TracerProvider:
    resource = Resource.create({SERVICE_NAME: SERVICE})
    provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
    provider.add_span_processor(processor())
    return provider


def of_requests() -> TelemetryConfig:
    """A span for each request, but for those that machines make all the time."""
    return {
        "tracer_provider": roots(),
        "operation_spans": False,
        "exclude": lambda scope: scope.get("path", "").startswith(UNTRACED),
    }


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    yield
    await to_thread(processor().shutdown)
    forget()


def forget() -> None:
    """Has all be made anew."""
    for made in (processor, roots, children):
        made.cache_clear()


def trace_id() -> str:
    """Of the trace that is being worked on; empty if there is none."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""
