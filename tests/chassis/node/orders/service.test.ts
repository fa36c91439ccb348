import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ChassisSettings, readSettings } from "#chassis/settings.ts";
import { type Json, problem, startApp } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";

const { url } = await startApp();

test("it lives, and is ready once what it needs answers", async () => {
  const live = await fetch(`${url}/health/live`);
  assert.equal(live.status, 200);
  const ready = await fetch(`${url}/health/ready`);
  assert.equal(ready.status, 200);
  assert.equal(((await ready.json()) as Json).status, "ok");
  const dependencies = (await (await fetch(`${url}/health/dependencies`)).json()) as Json;
  assert.deepEqual(dependencies.checks, { database: "ok", broker: "ok" });
});

test("the correlation id is taken from the request, or made", async () => {
  const given = await fetch(`${url}/health/live`, { headers: { "X-Request-ID": "abc-1" } });
  assert.equal(given.headers.get("X-Request-ID"), "abc-1");
  const made = await fetch(`${url}/health/live`, { headers: { "X-Request-ID": "<script>" } });
  assert.match(made.headers.get("X-Request-ID") ?? "", /^[0-9a-f-]{36}$/);
});

test("what is not there is told as a problem", async () => {
  const response = await fetch(`${url}/nothing`, { headers: { "X-Request-ID": "abc-2" } });
  const body = await problem(response, 404);
  assert.equal(body.instance, "/nothing");
  assert.equal(body.correlation_id, "abc-2");
});

test("other methods are refused", async () => {
  const response = await fetch(`${url}/health/live`, { method: "DELETE" });
  assert.equal(response.headers.get("Allow"), "GET");
  await problem(response, 405);
});

test("the API describes itself", async () => {
  const page = await fetch(`${url}/docs`);
  assert.match(await page.text(), /openapi\.json/);
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Json;
  assert.equal(document.openapi, "3.1.0");
});

test("wrong settings are named, without their values", () => {
  const wrong = { ...process.env, LOG_LEVEL: "loud", SHUTDOWN_SECONDS: "soon" };
  assert.throws(
    () => readSettings(ChassisSettings, wrong),
    ({ message }: Error) =>
      /: wrong settings: LOG_LEVEL: .*; SHUTDOWN_SECONDS: /.test(message) && !/soon/.test(message),
  );
});

test("wrong settings stop the process with one line", () => {
  const { status, stderr } = spawnSync(process.execPath, ["src/main.ts"], {
    env: { PATH: process.env.PATH, LOG_LEVEL: "loud" },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /^orders: wrong settings: LOG_LEVEL: [^\n]*\n$/);
});

test("answers name few errors, and bodies are bounded", async () => {
  const headers = { "Content-Type": "application/json", ...(await authorization()) };
  const post = (body: string) => fetch(`${url}/orders`, { method: "POST", headers, body });
  const unknown = Array.from({ length: 4000 }, (_, n) => [`key${n}`, 1]);
  const refused = await post(JSON.stringify(Object.fromEntries(unknown)));
  const body = await problem(refused, 422);
  assert.equal((body.errors as Json[]).length, 20);
  assert.ok(JSON.stringify(body).length < 10_000);
  await problem(await post(`{"total": "${"1".repeat(65_536)}"}`), 413);
});
