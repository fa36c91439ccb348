"""Traces of the running system, received by OTLP over HTTP and kept in memory."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

KEPT = 500
"""Traces in memory; the oldest goes first."""
SPANS = 1000
"""Spans of a trace."""
NANOSECONDS = 1_000_000_000
SINGLE = ("string_value", "bool_value", "int_value", "double_value")


@dataclass(frozen=True)
class Span:
    id: str
    parent: str
    """Empty for the first span of a trace."""
    part: str
    """The service or component that it is about."""
    name: str
    start: float
    """Seconds since 1970."""
    seconds: float
    failed: bool
    attributes: dict[str, Any]


class Traces:
    """Spans by trace, in the order of their first arrival."""

    def __init__(self) -> None:
        self._spans: OrderedDict[str, list[Span]] = OrderedDict()

    def receive(self, body: bytes) -> None:
        """Add the spans of an export request. Raises `ValueError` if it cannot be read."""
        try:
            request = ExportTraceServiceRequest.FromString(body)
        except DecodeError as error:
            raise ValueError("not an OTLP export request") from error
        for resource in request.resource_spans:
            part = str(_attributes(resource.resource.attributes).get("service.name", "unknown"))
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self._add(span.trace_id.hex(), _span(part, span))

    def recent(self) -> Iterator[dict[str, Any]]:
        """Yield the newest traces first: id, first part, first route, duration and number of spans."""
        for trace_id, spans in reversed(self._spans.items()):
            ordered = sorted(spans, key=lambda span: (bool(span.parent), span.start))
            first = ordered[0]
            yield {
                "id": trace_id,
                "part": first.part,
                "name": next((span.name for span in ordered if "/" in span.name), first.name),
                "start": min(span.start for span in spans),
                "seconds": _end(spans) - min(span.start for span in spans),
                "spans": len(spans),
                "failed": any(span.failed for span in spans),
            }

    def spans(self, trace_id: str) -> list[Span]:
        """Return the spans of a trace, each after its parent; empty if it is unknown."""
        spans = sorted(self._spans.get(trace_id, ()), key=lambda span: span.start)
        known = {span.id for span in spans}
        children: dict[str, list[Span]] = {}
        for span in spans:
            children.setdefault(span.parent if span.parent in known else "", []).append(span)
        ordered, waiting = [], children.get("", [])[::-1]
        while waiting:
            span = waiting.pop()
            ordered.append(span)
            waiting += children.get(span.id, [])[::-1]
        return ordered

    def _add(self, trace_id: str, span: Span) -> None:
        spans = self._spans.setdefault(trace_id, [])
        if len(spans) < SPANS:
            spans.append(span)
        while len(self._spans) > KEPT:
            self._spans.popitem(last=False)


def _end(spans: Iterable[Span]) -> float:
    return max(span.start + span.seconds for span in spans)


def _span(part: str, span: trace_pb2.Span) -> Span:
    return Span(
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        part=part,
        name=span.name,
        start=span.start_time_unix_nano / NANOSECONDS,
        seconds=max(0, span.end_time_unix_nano - span.start_time_unix_nano) / NANOSECONDS,
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    """Return single values; lists and mappings are left out."""
    kinds = ((pair.key, pair.value, pair.value.WhichOneof("value")) for pair in pairs)
    return {key: getattr(value, kind) for key, value, kind in kinds if kind in SINGLE}
