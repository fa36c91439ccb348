import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import express from "express";
import { generateKeyPair } from "jose";
import { context } from "#chassis/context.ts";
import { problemHandler } from "#chassis/problems.ts";
import { correlate } from "#chassis/requests.ts";
import { problem, serve } from "#chassis/testing/app.ts";
import { token } from "#chassis/testing/tokens.ts";
import { caller, guard } from "#chassis/tokens.ts";

const app = express();
app.use(correlate, guard);
app.get("/", (_request, response) => {
  response.json({ account: caller(), token: context.getStore()?.token });
});
app.use(problemHandler);
const url = await serve(app);

const ask = (authorization?: string) =>
  fetch(url, { headers: authorization ? { Authorization: authorization } : {} });

test("a valid token names its account, and is passed on", async () => {
  const account = randomUUID();
  const valid = await token({ sub: account });
  const response = await ask(`Bearer ${valid}`);
  assert.deepEqual(await response.json(), { account, token: valid });
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

test("no token is refused", async () => {
  await problem(await ask(), 401);
  await problem(await ask("Basic YTpi"), 401);
});
