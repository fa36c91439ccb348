import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectDatabase } from "#chassis/database.ts";
import { startApp } from "#chassis/testing/app.ts";

const { url } = await startApp();

async function samples(name: string): Promise<string[]> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return metrics.split("\n").filter((line) => line.startsWith(`${name}{`));
}

test("requests are measured by route", async () => {
  await fetch(`${url}/health/live`);
  await fetch(`${url}/somewhere/${Math.random()}`);
  const counts = await samples("http_server_request_duration_seconds_count");
  const labels = (route: string, status: number) =>
    `{http_request_method="GET",http_route="${route}",http_response_status_code="${status}"}`;
  assert.ok(counts.some((line) => line.includes(`${labels("/health/live", 200)} 1`)));
  assert.ok(counts.some((line) => line.includes(`${labels("unknown", 404)} 1`)));
  assert.ok(!counts.some((line) => line.includes("somewhere")));
  const active = await samples("http_server_active_requests");
  assert.deepEqual(active, ['http_server_active_requests{http_request_method="GET"} 1']);
});

test("the pool of database connections is measured", async () => {
  const database = connectDatabase();
  after(() => database.close());
  const counts = await samples("db_client_connection_count");
  const states = counts.map((line) => line.split("state=")[1]);
  assert.deepEqual(states, ['"used"} 0', '"idle"} 0']);
});
