"""Traces through messages, which carry their context as the CloudEvents extension `traceparent`."""

from collections.abc import Iterator
from contextlib import contextmanager

from aio_pika.abc import AbstractIncomingMessage
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import BaseModel, ValidationError

from chassis import tracing

PROPAGATOR = TraceContextTextMapPropagator()


class Carrier(BaseModel):
    """The trace context of an event."""

    traceparent: str = ""


def made(kind: str) -> str | None:
    """Record the creation of a message; return its trace context."""
    attributes = {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "create",
        "messaging.operation.name": "create",
        "messaging.destination.name": kind,
    }
    tracer = tracing.roots().get_tracer(__name__)
    span = tracer.start_as_current_span(
        f"create {kind}", kind=SpanKind.PRODUCER, attributes=attributes
    )
    carrier: dict[str, str] = {}
    with span:
        PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def processing(queue: str, message: AbstractIncomingMessage) -> Iterator[None]:
    """Does what follows in the trace of what caused the message."""
    attributes = {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": queue,
        "messaging.message.id": message.message_id or "",
    }
    tracer = tracing.roots().get_tracer(__name__)
    with tracer.start_as_current_span(
        f"process {queue}", _cause(message.body), kind=SpanKind.CONSUMER, attributes=attributes
    ):
        yield


def _cause(body: bytes) -> Context:
    try:
        carrier = Carrier.model_validate_json(body)
    except ValidationError:
        carrier = Carrier()
    # An empty context where it has none: what this task did before is not the cause.
    return PROPAGATOR.extract(carrier.model_dump(), Context())


def failed(error: Exception) -> None:
    """Notes that what is being processed could not be."""
    span = get_current_span()
    span.record_exception(error)
    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
