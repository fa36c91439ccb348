import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mock, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import express from "express";
import { exportJWK, generateKeyPair } from "jose";
import { guard as callingServices } from "#chassis/calling-services.ts";
import { context } from "#chassis/context.ts";
import { problemHandler } from "#chassis/problems.ts";
import { observe } from "#chassis/requests.ts";
import { settings } from "#chassis/settings.ts";
import { problem, serve } from "#chassis/testing/app.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { token } from "#chassis/testing/tokens.ts";
import { caller, guard, optionalGuard } from "#chassis/tokens.ts";

const app = express();
app.use(observe);
app.get("/", guard, (_request, response) => {
  response.json({ account: caller(), token: context.getStore()?.token });
});
app.get("/public", optionalGuard, (_request, response) => {
  response.json(context.getStore()?.caller);
});
app.get("/guarded", guard, callingServices, (_request, response) => {
  response.json(context.getStore()?.actor);
});
app.use(problemHandler);
const url = await serve(app);

const ask = (authorization?: string, path = "/") =>
  fetch(url + path, { headers: authorization ? { Authorization: authorization } : {} });

test("a valid token names its account, and is passed on", async () => {
  const account = randomUUID();
  const valid = await token({ sub: account });
  const response = await ask(`Bearer ${valid}`);
  assert.deepEqual(await response.json(), { account, token: valid });
});

test("public operations know the caller if there is a token, and refuse invalid ones", async () => {
  const account = randomUUID();
  const valid = await token({ sub: account, roles: ["support", 1] });
  const known = await ask(`Bearer ${valid}`, "/public");
  assert.deepEqual(await known.json(), { id: account, roles: ["support"] });
  assert.deepEqual(await (await ask(undefined, "/public")).json(), { roles: [] });
  await problem(await ask("Bearer not.a.token", "/public"), 401);
  await problem(await ask("Basic YTpi", "/public"), 401);
});

test("a token names a service if it is the client and the subject", async () => {
  const service = await token({ sub: "bills", client_id: "bills", roles: ["admin"] });
  const known = await ask(`Bearer ${service}`, "/public");
  assert.deepEqual(await known.json(), { service: "bills", roles: [] });
  const actor = await ask(`Bearer ${service}`, "/guarded");
  assert.deepEqual(await actor.json(), { type: "service_account", id: "bills" });
  const { detail } = await problem(await ask(`Bearer ${service}`), 403);
  assert.match(String(detail), /service/);
});

test("only services that call this one have access", async () => {
  const stranger = await token({ sub: "feeder", client_id: "feeder" });
  await problem(await ask(`Bearer ${stranger}`, "/guarded"), 403);
});

test("a user is no service, whatever the name or the client", async () => {
  for (const client_id of [undefined, "feeder"]) {
    const claims = { sub: "bills", ...(client_id && { client_id }) };
    await problem(await ask(`Bearer ${await token(claims)}`, "/guarded"), 401);
  }
  const account = await token({ sub: randomUUID(), client_id: "bills" });
  assert.equal((await ask(`Bearer ${account}`)).status, 200);
});

test("a claim that is no list grants no roles", async () => {
  const valid = await token({ roles: "admin" });
  assert.partialDeepStrictEqual(await (await ask(`Bearer ${valid}`, "/public")).json(), {
    roles: [],
  });
});

const now = Math.floor(Date.now() / 1000);
const refused: Record<string, () => Promise<string>> = {
  "from somebody else": () => token({ iss: "somebody" }),
  "for somebody else": () => token({ aud: "somebody" }),
  "that is over": () => token({ exp: now - 11 }),
  "of no account": () => token({ sub: undefined as never }),
  "with another key": async () => token({}, (await generateKeyPair("ES256")).privateKey),
  "that is none": async () => "not.a.token",
};

for (const [name, make] of Object.entries(refused)) {
  test(`a token ${name} is refused`, async () => {
    const response = await ask(`Bearer ${await make()}`);
    assert.equal(response.headers.get("WWW-Authenticate"), 'Bearer error="invalid_token"');
    await problem(response, 401);
  });
}

test("a token that was valid ends when it expires", async () => {
  const valid = await token({ exp: now + 3600 });
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  assert.equal((await ask(`Bearer ${valid}`)).status, 200);
  mock.timers.tick(3_599_000);
  assert.equal((await ask(`Bearer ${valid}`)).status, 200);
  mock.timers.tick(12_000);
  await problem(await ask(`Bearer ${valid}`), 401);
  mock.timers.reset();
});

test("many valid tokens are all recognized", async () => {
  const valid = await Promise.all(Array.from({ length: 1100 }, () => token()));
  for (const each of [...valid, ...valid.slice(0, 10)]) {
    assert.equal((await ask(`Bearer ${each}`)).status, 200);
  }
});

test("no token is refused", async () => {
  await problem(await ask(), 401);
  await problem(await ask("Basic YTpi"), 401);
});

// The last test: it replaces the keys.
test("a token that was valid ends with its key", async () => {
  const valid = await token({ exp: now + 36_000 });
  assert.equal((await ask(`Bearer ${valid}`)).status, 200);
  const { publicKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "next", alg: "ES256", use: "sig" };
  fakeService(settings().JWKS_URL, () => Response.json({ keys: [jwk] }));
  mock.timers.enable({ apis: ["Date"], now: Date.now() + 7_200_000 });
  // The keys may be fetched in the background of this request.
  await ask(`Bearer ${valid}`);
  await setTimeout(200);
  await problem(await ask(`Bearer ${valid}`), 401);
  mock.timers.reset();
});
