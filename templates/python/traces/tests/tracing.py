"""Spans of tests are kept in memory."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import tracing


@pytest.fixture(autouse=True)
def spans(fresh: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:  # noqa: ARG001
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "make_processor", lambda: SimpleSpanProcessor(exporter))
    yield exporter
    tracing.forget()
