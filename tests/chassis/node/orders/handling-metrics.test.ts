import assert from "node:assert/strict";
import { test } from "node:test";
import { measureMessage } from "#chassis/metrics/handling.ts";
import { registry } from "#chassis/metrics/registry.ts";

test("messages are counted by what becomes of them", async () => {
  for (const outcome of ["handled", "retried", "handled"]) {
    measureMessage("letters", "letter", outcome, performance.now());
  }
  const metrics = await registry.metrics();
  const labels = 'messaging_destination_name="letters",cloudevents_event_type="letter"';
  const consumed = `messaging_client_consumed_messages_total{${labels}`;
  assert.ok(metrics.includes(`${consumed},outcome="handled"} 2`));
  assert.ok(metrics.includes(`${consumed},outcome="retried"} 1`));
  assert.ok(metrics.includes(`messaging_process_duration_seconds_count{${labels}} 3`));
});
