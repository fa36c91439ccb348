import "#chassis/testing/spans.ts";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { z } from "zod";
import { defineMessage } from "#chassis/cloudevents.ts";
import { failed, processing } from "#chassis/message-tracing.ts";
import { spans } from "#chassis/testing/spans.ts";

const ping = defineMessage({
  type: "test.ping",
  exchange: "events",
  data: z.object({ number: z.int() }),
});

beforeEach(() => spans.reset());

test("a message is processed in the trace that it was made in", async () => {
  const { envelope } = ping({ number: 1 });
  const delivery = {
    messageId: envelope.id,
    headers: {},
    body: Buffer.from(JSON.stringify(envelope)),
  };
  await processing("pings", delivery, async () => assert.ok(trace.getActiveSpan()));
  const [made, processed] = spans.getFinishedSpans();
  assert.ok(made && processed);
  assert.deepEqual([made.name, made.kind], ["create test.ping", SpanKind.PRODUCER]);
  assert.deepEqual([processed.name, processed.kind], ["process pings", SpanKind.CONSUMER]);
  assert.equal(processed.spanContext().traceId, made.spanContext().traceId);
  assert.equal(processed.parentSpanContext?.spanId, made.spanContext().spanId);
});

test("a message without a trace begins one", async () => {
  for (const text of ["", "1", "{}", '{"traceparent": "nonsense"}', '{"traceparent": 1}']) {
    spans.reset();
    const delivery = { messageId: "1", headers: {}, body: Buffer.from(text) };
    await processing("pings", delivery, async () => failed(new Error("no")));
    const [span] = spans.getFinishedSpans();
    assert.equal(span?.parentSpanContext, undefined);
    assert.equal(span?.status.code, SpanStatusCode.ERROR);
  }
});
