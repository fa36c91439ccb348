import assert from "node:assert/strict";
import { test } from "node:test";
import { lifespan } from "#chassis/registration.ts";
import { register } from "#chassis/registry.ts";
import { startApp } from "#chassis/testing/app.ts";
import { Registry } from "#chassis/testing/fake-registry.ts";
import { until } from "#chassis/testing/until.ts";

const { app } = await startApp();
const registration = lifespan(app);

test("an instance is registered, and renews its lease, until it is to stop", async (t) => {
  const eureka = new Registry();
  await eureka.start();
  t.after(() => eureka.stop());
  await register(app);
  const [registered] = eureka.registered.values();
  assert.equal(eureka.authorization, `Basic ${btoa("user:p@ss")}`);
  assert.equal(registered?.app, "ORDERS");
  assert.equal(registered.ipAddr, "127.0.0.1");
  assert.equal(registered.port.$, 8000);
  assert.equal(registered.healthCheckUrl, "http://127.0.0.1:8000/health/ready");
  assert.equal(registered.status, "UP");
  await register(app);
  assert.equal(eureka.renewals, 1);
  registered.status = "DOWN";
  await register(app);
  assert.equal(eureka.registered.get(registered.instanceId)?.status, "UP");
  assert.equal(eureka.renewals, 1);
  eureka.registered.clear();
  await registration.start();
  await until(() => eureka.registered.size);
  await registration.drain?.();
  assert.equal(eureka.registered.size, 0);
});
