import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import express from "express";
import { DEADLINE_HEADER, timeLeft } from "#chassis/context.ts";
import { observe } from "#chassis/requests.ts";
import { ChassisSettings, readSettings } from "#chassis/settings.ts";
import { type Json, problem, serve, startApp } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";

const { app, broker, url } = await startApp();

async function status(path: string): Promise<[number, Json]> {
  const response = await fetch(`${url}/health/${path}`);
  return [response.status, (await response.json()) as Json];
}

test("a service without its broker is ready, and says what is missing", async () => {
  assert.deepEqual(await status("live"), [200, { status: "ok", checks: {} }]);
  const well = { status: "ok", checks: { database: "ok", broker: "ok" } };
  assert.deepEqual(await status("dependencies"), [200, well]);
  broker.down = true;
  const missing = { status: "unavailable", checks: { database: "ok", broker: "unavailable" } };
  assert.deepEqual(await status("dependencies"), [503, missing]);
  assert.deepEqual(await status("ready"), [200, { status: "ok", checks: {} }]);
});

test("a service that stops is not ready", async () => {
  app.draining = true;
  assert.deepEqual(await status("ready"), [503, { status: "unavailable", checks: {} }]);
});

test("the correlation id is taken from the request, or made", async () => {
  const given = await fetch(`${url}/health/live`, { headers: { "X-Request-ID": "abc-1" } });
  assert.equal(given.headers.get("X-Request-ID"), "abc-1");
  const made = await fetch(`${url}/health/live`, { headers: { "X-Request-ID": "<script>" } });
  assert.match(made.headers.get("X-Request-ID") ?? "", /^[0-9a-f-]{36}$/);
});

test("the deadline is taken from the request, up to 15 seconds", async () => {
  const probe = express().use(observe, (_request, response) => {
    response.json(timeLeft());
  });
  const base = await serve(probe);
  const left = async (header?: string) => {
    const headers = header === undefined ? {} : { [DEADLINE_HEADER]: header };
    return Number(await (await fetch(base, { headers })).json());
  };
  const given = await left("500");
  assert.ok(given > 0 && given <= 500, String(given));
  for (const header of [undefined, "60000", "0", "soon"]) {
    const most = await left(header);
    assert.ok(most > 10_000 && most <= 15_000, String(most));
  }
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

test("the methods of a path are listed, of all routers", async () => {
  const response = await fetch(`${url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, object> };
  for (const [path, methods] of Object.entries(paths).filter(([path]) => !path.includes("{"))) {
    const allow = (await fetch(url + path, { method: "OPTIONS" })).headers.get("Allow") ?? "";
    const listed = new Set(allow.toLowerCase().split(", "));
    listed.delete("head");
    assert.deepEqual(listed, new Set(Object.keys(methods)), path);
  }
});

test("the API describes itself", async () => {
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

test("settings of the description are typed", () => {
  const read = (more: NodeJS.ProcessEnv = {}) =>
    readSettings(ChassisSettings, { ...process.env, ...more });
  const { TAX_RATE, CURRENCY, MODE, DRY_RUN, ATTEMPTS, SHARE, NOTE } = read({
    TAX_RATE: "0.07",
    DRY_RUN: "true",
    ATTEMPTS: "0",
  });
  assert.deepEqual([TAX_RATE, DRY_RUN, ATTEMPTS, SHARE], ["0.07", true, 0, 0.5]);
  assert.deepEqual([CURRENCY, MODE, NOTE], ["change-me", "test", ""]);
  assert.equal(read().TAX_RATE, "0.19");
  const wrong = { TAX_RATE: "much", MODE: "tset", ATTEMPTS: "1.5", DRY_RUN: "perhaps", HOOK: "x" };
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(() => read({ [name]: value }), new RegExp(`: wrong settings: ${name}: `));
  }
  for (const name of ["CURRENCY", "STRIPE_KEY"]) {
    assert.throws(() => read({ [name]: "" }), new RegExp(`: wrong settings: ${name}: required$`));
  }
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
