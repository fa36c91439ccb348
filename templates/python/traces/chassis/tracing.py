"""Traces: OpenTelemetry spans of what one request causes, here and in other services."""

import logging
import os
from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from time import monotonic

from fastapi import FastAPI
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

# Use the current semantic conventions where instrumentations support both.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

EXPORT_SECONDS = 2.0
"""Time-out of an export; the batch is dropped afterwards."""
WARNING_SECONDS = 60.0
UNTRACED = ("/health/", "/metrics")


class Seldom(logging.Filter):
    """Pass one record per interval: every export fails while the collector is unavailable."""

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
    """Send spans to `OTEL_EXPORTER_OTLP_ENDPOINT` in a thread."""
    return BatchSpanProcessor(OTLPSpanExporter(timeout=EXPORT_SECONDS))


@cache
def processor() -> SpanProcessor:
    return make_processor()


@cache
def roots() -> TracerProvider:
    """Provide spans that may start a trace; sampling follows the parent."""
    return _provider(ParentBasedTraceIdRatio(get_settings().otel_traces_sampler_arg))


@cache
def children() -> TracerProvider:
    """Provide child spans only: queries of background tasks start no trace."""
    return _provider(ParentBased(ALWAYS_OFF))


def _provider(sampler: Sampler) -> TracerProvider:
    resource = Resource.create({SERVICE_NAME: SERVICE})
    provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
    provider.add_span_processor(processor())
    return provider


def of_requests() -> TelemetryConfig:
    """Trace each request, except those that machines poll."""
    return {
        "tracer_provider": roots(),
        "operation_spans": False,
        "exclude": lambda scope: scope.get("path", "").startswith(UNTRACED),
    }


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await to_thread(processor().shutdown)
    forget()


def forget() -> None:
    """Create everything anew at the next use."""
    for made in (processor, roots, children):
        made.cache_clear()


def trace_id() -> str:
    """Return the id of the current trace, or an empty string."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""
