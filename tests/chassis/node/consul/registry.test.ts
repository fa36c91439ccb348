import assert from "node:assert/strict";
import { test } from "node:test";
import { lifespan } from "#chassis/registration.ts";
import { serve } from "#chassis/testing/api.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { Registry } from "#chassis/testing/fake-registry.ts";
import { startBroker } from "#chassis/testing/memory-broker.ts";
import { until } from "#chassis/testing/until.ts";

await startDatabase();
startBroker();

test("an instance is registered with a check until it is to stop", async (t) => {
  const consul = new Registry();
  await consul.start();
  t.after(() => consul.stop());
  await lifespan.start();
  await until(() => consul.registered.size);
  const [registered] = consul.registered.values();
  assert.equal(registered?.Name, "orders");
  assert.equal(registered.Address, "127.0.0.1");
  assert.equal(registered.Port, 8000);
  const url = new URL(registered.Check.HTTP);
  assert.equal(url.origin, "http://127.0.0.1:8000");
  const app = await serve();
  assert.equal((await fetch(`${app}${url.pathname}`)).status, 200);
  assert.equal((await fetch(`${app}/health/ready/another`)).status, 404);
  await lifespan.drain?.();
  assert.equal(consul.registered.size, 0);
});
