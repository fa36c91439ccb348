import assert from "node:assert/strict";
import { test } from "node:test";
import { measured } from "#chassis/metrics/calls.ts";
import { registry } from "#chassis/metrics/registry.ts";

async function tries(): Promise<unknown[]> {
  const metrics = await registry.metrics();
  return metrics
    .split("\n")
    .filter((line) => line.startsWith("http_client_request_duration_seconds_count{"))
    .map((line) => /response_status_code="(\d*)",error_type="(\w*)"} (\d+)$/.exec(line)?.slice(1));
}

test("each try is measured", async () => {
  const late = new DOMException("late", "TimeoutError");
  for (const status of [404, 503]) {
    await measured("GET", "shelf", async () => new Response(null, { status }));
  }
  const slow = measured("GET", "shelf", () => Promise.reject(late));
  await assert.rejects(slow, late);
  await assert.rejects(measured("GET", "shelf", () => Promise.reject(new TypeError("nobody"))));
  assert.deepEqual(await tries(), [
    ["404", "", "1"],
    ["503", "503", "1"],
    ["", "timeout", "1"],
    ["", "connection", "1"],
  ]);
});
