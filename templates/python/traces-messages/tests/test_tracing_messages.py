from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chassis import tracing, tracing_messages
from chassis.events import Message, envelope


class Job(Message):
    TYPE = "job"
    EXCHANGE = "queues"


def delivered(body: bytes) -> Any:
    return SimpleNamespace(body=body, message_id="1")


def test_a_message_is_processed_in_the_trace_that_it_was_made_in(
    spans: InMemorySpanExporter,
) -> None:
    body = envelope(Job()).model_dump_json().encode()
    with tracing_messages.processing("jobs", delivered(body)):
        assert tracing.trace_id()

    made, processed = spans.get_finished_spans()
    assert (made.name, made.kind) == ("create job", SpanKind.PRODUCER)
    assert (processed.name, processed.kind) == ("process jobs", SpanKind.CONSUMER)
    assert processed.context.trace_id == made.context.trace_id
    assert processed.parent
    assert processed.parent.span_id == made.context.span_id


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"traceparent": "nonsense"}'])
def test_a_message_without_a_trace_begins_one(body: bytes, spans: InMemorySpanExporter) -> None:
    with tracing_messages.processing("jobs", delivered(body)):
        tracing_messages.failed(ValueError("no"))

    [span] = spans.get_finished_spans()
    assert span.parent is None
    assert span.status.status_code is StatusCode.ERROR
