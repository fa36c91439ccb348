import "#chassis/testing/spans.ts";

import assert from "node:assert/strict";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import { Client } from "pg";
import { spans } from "#chassis/testing/spans.ts";

/** Asks a database that is not there. */
async function ask(): Promise<void> {
  const client = new Client({ host: "127.0.0.1", port: 9 });
  const asked = assert.rejects(client.query("select 1"));
  await assert.rejects(client.connect());
  await asked;
}

test("what is asked of the database is a span of who asks", async () => {
  spans.reset();
  await trace.getTracer("test").startActiveSpan("cause", async (cause) => {
    await ask();
    cause.end();
  });
  const [query, cause] = spans.getFinishedSpans();
  assert.ok(query && cause);
  assert.match(query.name, /^pg.query:SELECT/);
  assert.equal(query.attributes["db.query.text"], "select 1");
  assert.equal(query.parentSpanContext?.spanId, cause.spanContext().spanId);
});

test("what the background asks of it begins no trace", async () => {
  spans.reset();
  await ask();
  assert.deepEqual(spans.getFinishedSpans(), []);
});
