import "./spans.ts";

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { trace } from "@opentelemetry/api";
import { Pool } from "pg";
import { spans } from "./spans.ts";

const pool = new Pool({ host: "127.0.0.1", port: 9 });

after(() => pool.end());

test("what is asked of the database is a span of who asks", async () => {
  await trace.getTracer("test").startActiveSpan("cause", async (cause) => {
    await assert.rejects(pool.query("select 1"));
    cause.end();
  });
  const names = spans.getFinishedSpans().map(({ name }) => name);
  assert.ok(names.includes("pg.connect"), names.join());
  const traces = new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId));
  assert.equal(traces.size, 1);
});

test("what the background asks of it begins no trace", async () => {
  spans.reset();
  await assert.rejects(pool.query("select 1"));
  assert.deepEqual(spans.getFinishedSpans(), []);
});
