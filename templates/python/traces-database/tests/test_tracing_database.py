from fastapi import FastAPI
from httpx import AsyncClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from chassis import database
from chassis.database import SessionDep


async def test_a_statement_is_a_span_of_its_request(
    client: AsyncClient, application: FastAPI, spans: InMemorySpanExporter
) -> None:
    @application.get("/ask")
    async def ask(session: SessionDep) -> None:
        await session.execute(text("select 1"))

    await client.get("/ask")

    found = {span.name.split()[0]: span for span in spans.get_finished_spans()}
    request, statement = found["GET"], found["select"]
    assert statement.parent
    assert statement.parent.span_id == request.context.span_id
    assert statement.attributes
    assert statement.attributes["db.query.text"] == "select 1"


async def test_a_statement_of_no_request_is_none(
    application: FastAPI, spans: InMemorySpanExporter
) -> None:
    assert application
    await database.check()

    assert not spans.get_finished_spans()
