import "#chassis/testing/spans.ts";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SpanKind, trace } from "@opentelemetry/api";
import { startApp } from "#chassis/testing/app.ts";
import { spans } from "#chassis/testing/spans.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

const { url } = await startApp();

beforeEach(() => spans.reset());

function ask(path: string, flags: "00" | "01" = "01"): Promise<Response> {
  const headers = { traceparent: `00-${TRACE}-${CALLER}-${flags}` };
  return fetch(`${url}${path}`, { headers });
}

test("a request is a span of its caller's trace", async () => {
  await ask("/openapi.json");
  const [span] = spans.getFinishedSpans();
  assert.ok(span);
  assert.equal(span.kind, SpanKind.SERVER);
  assert.equal(span.name, "GET /openapi.json");
  assert.equal(span.spanContext().traceId, TRACE);
  assert.equal(span.parentSpanContext?.spanId, CALLER);
  assert.equal(span.attributes["http.response.status_code"], 200);
  assert.equal(span.resource.attributes["service.name"], "orders");
});

test("what the caller does not sample is not kept", async () => {
  await ask("/openapi.json", "00");
  assert.deepEqual(spans.getFinishedSpans(), []);
});

test("health and metrics are not traced", async () => {
  for (const path of ["/health/live", "/health/ready", "/metrics"]) await ask(path);
  assert.deepEqual(spans.getFinishedSpans(), []);
});

test("a call takes its context along", async () => {
  const tracer = trace.getTracer("test");
  await tracer.startActiveSpan("cause", async (cause) => {
    await fetch(`${url}/openapi.json`);
    cause.end();
  });
  const server = spans.getFinishedSpans().find(({ kind }) => kind === SpanKind.SERVER);
  const client = spans.getFinishedSpans().find(({ kind }) => kind === SpanKind.CLIENT);
  assert.ok(client);
  assert.equal(server?.parentSpanContext?.spanId, client.spanContext().spanId);
});

test("a call of the background begins no trace", async () => {
  await fetch(`${url}/health/live`);
  assert.deepEqual(spans.getFinishedSpans(), []);
});
