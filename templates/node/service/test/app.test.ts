import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, startApp } from "#chassis/testing/app.ts";

const { url } = await startApp();

test("the service is alive", async () => {
  const response = await fetch(`${url}/health/live`);
  assert.equal(response.status, 200);
});

test("the service describes its API", async () => {
  const response = await fetch(`${url}/openapi.json`);
  const document = (await response.json()) as Json;
  assert.equal(document.openapi, "3.1.0");
});
