"""Traces: what is received, kept and shown."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from msgen.dev.traces import KEPT, SPANS, Traces

MILLISECOND = 1_000_000


def export(part: str, name: str, trace: int, span: int, parent: int = 0, between: tuple[int, int] = (0, 1)) -> bytes:
    """An export request with one span; times are in milliseconds."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    attribute = resource.resource.attributes.add()
    attribute.key, attribute.value.string_value = "service.name", part
    made = resource.scope_spans.add().spans.add()
    made.trace_id, made.span_id = trace.to_bytes(16), span.to_bytes(8)
    made.parent_span_id = parent.to_bytes(8) if parent else b""
    made.name = name
    made.start_time_unix_nano, made.end_time_unix_nano = (time * MILLISECOND for time in between)
    status = made.attributes.add()
    status.key, status.value.int_value = "http.response.status_code", 200
    many = made.attributes.add()
    many.key = "list"
    many.value.array_value.values.add().string_value = "left out"
    if name == "fails":
        made.status.code = Status.STATUS_CODE_ERROR
    return request.SerializeToString()


def test_spans_follow_their_parents_across_services() -> None:
    traces = Traces()
    traces.receive(export("users", "GET /users/{id}", 1, 3, parent=2, between=(20, 25)))
    traces.receive(export("orders", "POST /orders", 1, 2, parent=1, between=(10, 40)))
    traces.receive(export("gateway", "ingress", 1, 1, between=(5, 45)))

    (trace,) = traces.recent()
    assert (trace["part"], trace["name"], trace["spans"], trace["failed"]) == ("gateway", "POST /orders", 3, False)
    assert trace["seconds"] == pytest.approx(0.04)
    spans = traces.spans(trace["id"])
    assert [span.part for span in spans] == ["gateway", "orders", "users"]
    assert spans[2].attributes == {"http.response.status_code": 200}


def test_the_longest_chain_of_spans_is_shown() -> None:
    traces = Traces()
    for number in range(1, SPANS + 1):
        traces.receive(export("orders", "step", 1, number, parent=number - 1, between=(number, SPANS + 1)))

    (trace,) = traces.recent()
    assert [int(span.id, 16) for span in traces.spans(trace["id"])] == list(range(1, SPANS + 1))


def test_a_trace_without_its_first_span_is_shown() -> None:
    traces = Traces()
    traces.receive(export("orders", "fails", 1, 2, parent=1))

    (trace,) = traces.recent()
    assert (trace["part"], trace["failed"]) == ("orders", True)
    assert len(traces.spans(trace["id"])) == 1


def test_memory_is_bounded() -> None:
    traces = Traces()
    for number in range(1, SPANS + 10):
        traces.receive(export("orders", "loop", 1, number))
    assert next(traces.recent())["spans"] == SPANS
    for number in range(2, KEPT + 10):
        traces.receive(export("orders", "GET", number, 1))
    assert len(list(traces.recent())) == KEPT


def test_what_is_no_export_request_is_refused() -> None:
    with pytest.raises(ValueError, match="not an OTLP"):
        Traces().receive(b"\xff\xff")
    assert Traces().spans("unknown") == []
