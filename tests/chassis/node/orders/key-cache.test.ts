import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import express from "express";
import { errors, exportJWK, generateKeyPair } from "jose";
import { cachedKeys } from "#chassis/key-cache.ts";
import { serve } from "#chassis/testing/app.ts";

const jwk = await exportJWK((await generateKeyPair("ES256")).publicKey);
let fetches = 0;
let status = 200;
let keyIds = ["one"];

const app = express();
app.get("/jwks.json", (_request, response) => {
  fetches++;
  const keys = keyIds.map((kid) => ({ ...jwk, kid, alg: "ES256", use: "sig" }));
  response.status(status).json({ keys });
});
const url = `${await serve(app)}/jwks.json`;

let keys: ReturnType<typeof cachedKeys>;
const find = async (kid: string) => keys({ alg: "ES256", kid }, { payload: "", signature: "" });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: 1_000_000_000 });
  fetches = 0;
  status = 200;
  keyIds = ["one"];
  keys = cachedKeys(() => url);
});

/** Waits until a fetch in the background is over. */
const settled = () => setTimeout(50);

test("requests share one fetch", async () => {
  await Promise.all([find("one"), find("one"), find("one")]);
  assert.equal(fetches, 1);
});

test("unknown keys cause one fetch", async () => {
  await find("one");
  mock.timers.tick(10_000);
  for (const kid of ["a", "b", "c"]) await assert.rejects(find(kid), errors.JWKSNoMatchingKey);
  assert.equal(fetches, 2);
});

test("a new key is fetched", async () => {
  await find("one");
  keyIds = ["two", "one"];
  mock.timers.tick(10_000);
  await find("two");
});

test("old keys are refreshed in the background", async () => {
  await find("one");
  keyIds = ["two"];
  mock.timers.tick(300_000);
  await find("one");
  await settled();
  assert.equal(fetches, 2);
  await find("two");
  await assert.rejects(find("one"), errors.JWKSNoMatchingKey);
});

test("keys are kept for a day while auth is unavailable", async () => {
  await find("one");
  status = 503;
  for (let half = 0; half < 2; half++) {
    mock.timers.tick(43_199_000);
    await find("one");
    await settled();
  }
  assert.equal(fetches, 3);
  await assert.rejects(find("two"), /answers 503/);
  mock.timers.tick(2000);
  await assert.rejects(find("one"), /answers 503/);
});

test("the cache recovers within a second after a failed start", async () => {
  status = 503;
  for (let attempt = 0; attempt < 3; attempt++) await assert.rejects(find("one"), /answers 503/);
  assert.equal(fetches, 1);
  status = 200;
  mock.timers.tick(1000);
  await find("one");
});
