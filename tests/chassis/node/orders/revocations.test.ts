import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, mock, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import express from "express";
import { problemHandler } from "#chassis/problems.ts";
import { lifespan } from "#chassis/revocation-polling.ts";
import { settings } from "#chassis/settings.ts";
import { serve } from "#chassis/testing/app.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { token } from "#chassis/testing/tokens.ts";
import { guard } from "#chassis/tokens.ts";

const app = express();
app.get("/", guard, (_request, response) => {
  response.end();
});
app.use(problemHandler);
const url = await serve(app);

async function statusOf(accessToken: string): Promise<number> {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
  return response.status;
}

const settled = () => setTimeout(50);

test("revoked tokens are refused within one poll, and while the auth service is unavailable", async () => {
  const sub = randomUUID();
  const iat = Math.floor(Date.now() / 1000);
  const earlier = await token({ sub, iat });
  const later = await token({ sub, iat: iat + 1 });
  const other = await token({ iat });
  const statuses = async () => [
    await statusOf(earlier),
    await statusOf(later),
    await statusOf(other),
  ];
  assert.deepEqual(await statuses(), [200, 200, 200]);

  const asked: string[] = [];
  let revoked: Record<string, number> = {};
  let status = 200;
  fakeService(settings().JWKS_URL, (request) => {
    asked.push(request.url);
    return Response.json({ revoked }, { status });
  });
  mock.timers.enable({ apis: ["setInterval"] });
  const polling = lifespan();
  await polling.start();
  after(() => polling.stop?.());
  await settled();
  assert.deepEqual(asked, [settings().JWKS_URL.replace("jwks.json", "revoked.json")]);

  revoked = { [createHash("sha256").update(sub).digest("hex")]: iat };
  assert.deepEqual(await statuses(), [200, 200, 200]);
  mock.timers.tick(20_000);
  await settled();
  assert.deepEqual(await statuses(), [401, 200, 200]);
  assert.equal(await statusOf(await token({ sub, iat: iat - 5 })), 401);

  status = 503;
  mock.timers.tick(20_000);
  await settled();
  assert.equal(asked.length, 3);
  assert.deepEqual(await statuses(), [401, 200, 200]);

  status = 200;
  revoked = {};
  mock.timers.tick(20_000);
  await settled();
  assert.deepEqual(await statuses(), [200, 200, 200]);
});
