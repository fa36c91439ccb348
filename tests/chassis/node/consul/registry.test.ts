import assert from "node:assert/strict";
import { test } from "node:test";
import { lifespan } from "#chassis/registration.ts";
import { startApp } from "#chassis/testing/app.ts";
import { Registry } from "#chassis/testing/fake-registry.ts";
import { until } from "#chassis/testing/until.ts";

const { app, url: self } = await startApp();
const registration = lifespan(app);

test("an instance is registered with a check until it is to stop", async (t) => {
  const consul = new Registry();
  await consul.start();
  t.after(() => consul.stop());
  await registration.start();
  await until(() => consul.registered.size);
  const [registered] = consul.registered.values();
  assert.equal(registered?.Name, "orders");
  assert.equal(registered.Address, "127.0.0.1");
  assert.equal(registered.Port, 8000);
  const url = new URL(registered.Check.HTTP);
  assert.equal(url.origin, "http://127.0.0.1:8000");
  assert.equal((await fetch(`${self}${url.pathname}`)).status, 200);
  assert.equal((await fetch(`${self}/health/ready/another`)).status, 404);
  await registration.drain?.();
  assert.equal(consul.registered.size, 0);
});
