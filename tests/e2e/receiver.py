"""Stands in for Jaeger: takes traces as OTLP over HTTP and shows their spans as JSON at `/spans`."""

import uvicorn
from fastapi import FastAPI, Request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

app = FastAPI()
spans: list[dict[str, str]] = []


@app.post("/v1/traces")
async def take(request: Request) -> dict[str, str]:
    for resource in ExportTraceServiceRequest.FromString(await request.body()).resource_spans:
        names = {a.key: a.value.string_value for a in resource.resource.attributes}
        spans.extend(
            {
                "service": names["service.name"],
                "name": span.name,
                "kind": Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                "trace": span.trace_id.hex(),
                "id": span.span_id.hex(),
                "parent": span.parent_span_id.hex(),
                "attributes": ",".join(a.key for a in span.attributes),
            }
            for scope in resource.scope_spans
            for span in scope.spans
        )
    return {}


@app.get("/spans")
async def show() -> list[dict[str, str]]:
    return spans


uvicorn.run(app, host="0.0.0.0", port=4318, log_level="warning")
