import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import express from "express";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { context } from "#chassis/context.ts";
import { problemHandler } from "#chassis/problems.ts";
import { check } from "#chassis/provider.ts";
import { observe } from "#chassis/requests.ts";
import { settings } from "#chassis/settings.ts";
import { problem, serve } from "#chassis/testing/app.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { guard } from "#chassis/tokens.ts";

const ACCOUNT = "6f1c1f0e-8f43-4a5e-9c57-9a8f6a1f2b3c";
const { OPENID_CONFIGURATION_URL, TOKEN_AUDIENCE, TOKEN_ISSUER } = settings();

const ec = await generateKeyPair("ES256");
const rsa = await generateKeyPair("RS256");
const keys = [
  { ...(await exportJWK(ec.publicKey)), kid: "ec" },
  { ...(await exportJWK(rsa.publicKey)), kid: "rsa", use: "sig" },
  { ...(await exportJWK(rsa.publicKey)), kid: "no", use: "enc" },
];

let issuer = TOKEN_ISSUER;
let status = 200;
fakeService(OPENID_CONFIGURATION_URL, ({ url }) =>
  url === OPENID_CONFIGURATION_URL
    ? Response.json({ issuer, jwks_uri: new URL("/keys", url).href }, { status })
    : Response.json({ keys }),
);

const app = express();
app.use(observe);
app.get("/", guard, (_request, response) => {
  response.json(context.getStore()?.caller);
});
app.use(problemHandler);
const url = await serve(app);

const ask = (token: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });

const now = Math.floor(Date.now() / 1000);

function token(
  claims: object = {},
  {
    alg = "RS256",
    kid = "rsa",
    typ = "JWT",
    key = rsa.privateKey as Parameters<SignJWT["sign"]>[0],
  } = {},
): Promise<string> {
  const usual = { iss: TOKEN_ISSUER, aud: ["account", TOKEN_AUDIENCE], sub: ACCOUNT, iat: now };
  return new SignJWT({ ...usual, exp: now + 300, ...claims })
    .setProtectedHeader({ alg, kid, typ })
    .sign(key);
}

beforeEach(() => {
  mock.timers.reset();
});

// The first test: later ones find the keys in the cache.
test("the check fails while the provider is unavailable, or of another issuer", async () => {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  status = 503;
  await assert.rejects(check(), /answers 503/);
  await problem(await ask(await token()), 503);
  status = 200;
  issuer = "https://sso.example.com/realms/other";
  mock.timers.tick(1000);
  await assert.rejects(check(), /is of the issuer/);
  issuer = TOKEN_ISSUER;
  mock.timers.tick(1000);
  await check();
});

test("tokens of the provider open the service", async () => {
  const response = await ask(await token({ realm_access: { roles: ["support", 1] } }));
  assert.deepEqual(await response.json(), { id: ACCOUNT, roles: ["support"] });
  const key = ec.privateKey;
  const other = await ask(await token({}, { alg: "ES256", kid: "ec", typ: "at+jwt", key }));
  assert.equal(other.status, 200);
});

test("a token without a list of roles has none", async () => {
  for (const realm_access of [undefined, "admin", { roles: "admin" }, ["admin"]]) {
    const response = await ask(await token({ realm_access, roles: ["admin"] }));
    assert.deepEqual(await response.json(), { id: ACCOUNT, roles: [] });
  }
});

test("other subjects become UUIDs, the same in every language", async () => {
  const response = await ask(await token({ sub: "auth0|507f1f77bcf86cd799439011" }));
  assert.partialDeepStrictEqual(await response.json(), {
    id: "d6f59d76-c43b-58c9-80ee-184f0788f6e0",
  });
});

const refused: Record<string, () => Promise<string>> = {
  "for somebody else": () => token({ aud: "account" }),
  "from somebody else": () => token({ iss: "https://sso.example.com/realms/other" }),
  "that is over": () => token({ exp: now - 3600 }),
  "of nobody": () => token({ sub: undefined }),
  "of another type": () => token({}, { typ: "logout+jwt" }),
  "with another key": async () => token({}, { key: (await generateKeyPair("RS256")).privateKey }),
  "with a shared secret": () =>
    token({}, { alg: "HS256", key: new TextEncoder().encode("x".repeat(32)) }),
};

for (const [name, make] of Object.entries(refused)) {
  test(`a token ${name} is refused`, async () => {
    await problem(await ask(await make()), 401);
  });
}
