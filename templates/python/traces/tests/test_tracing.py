import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI
from httpx import AsyncClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from chassis import SERVICE, tracing
from chassis.logs import configure_logs

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
DROPPED = {"traceparent": f"00-{TRACE}-{CALLER}-00"}


@pytest.fixture
def _restored() -> Iterator[None]:
    handlers = logging.root.handlers
    yield
    structlog.reset_defaults()
    logging.root.handlers = handlers


async def test_a_request_is_a_span_of_its_callers_trace(
    client: AsyncClient, application: FastAPI, spans: InMemorySpanExporter
) -> None:
    @application.get("/square/{number}")
    async def square(number: int) -> str:
        return tracing.trace_id() * number

    answer = await client.get("/square/1", headers=SAMPLED)

    assert answer.json() == TRACE
    [span] = spans.get_finished_spans()
    assert span.name == "GET /square/{number}"
    assert span.kind is SpanKind.SERVER
    assert span.parent
    assert f"{span.parent.span_id:016x}" == CALLER
    assert span.attributes
    assert span.attributes["http.response.status_code"] == 200
    assert span.resource.attributes["service.name"] == SERVICE


async def test_what_the_caller_does_not_sample_is_not_kept(
    client: AsyncClient, spans: InMemorySpanExporter
) -> None:
    await client.get("/nowhere", headers=DROPPED)

    assert not spans.get_finished_spans()


async def test_health_and_metrics_are_not_traced(
    client: AsyncClient, spans: InMemorySpanExporter
) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        await client.get(path, headers=SAMPLED)

    assert not spans.get_finished_spans()


def test_what_nobody_asked_for_is_no_trace(spans: InMemorySpanExporter) -> None:
    tracing.children().get_tracer("test").start_span("alone").end()

    assert not spans.get_finished_spans()


def test_a_collector_that_is_away_is_told_of_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    seldom, record = tracing.Seldom(), logging.makeLogRecord({})

    assert [seldom.filter(record) for _ in range(3)] == [True, False, False]
    monkeypatch.setattr(tracing, "monotonic", lambda: float("inf"))
    assert seldom.filter(record)


@pytest.mark.usefixtures("_restored")
async def test_log_lines_name_the_trace(
    client: AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info")

    await client.get("/nowhere", headers=SAMPLED)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["trace.id"] for line in lines if line["message"] == "request"] == [TRACE]
