import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, test } from "node:test";
import { sql } from "drizzle-orm";
import type { Request } from "express";
import type { Transaction } from "#chassis/database.ts";
import { idempotent, prune } from "#chassis/idempotency.ts";
import { idempotencyKeys } from "#chassis/schema/idempotency-keys.ts";
import { settings } from "#chassis/settings.ts";
import { problem, startApp, wrongFields } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";
import { clientOf } from "#chassis/testing/client.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { orders } from "../../src/schema/order.ts";

const { database, url } = await startApp();
const client = clientOf(url, await authorization());
const other = clientOf(url, await authorization());
const body = { item_id: randomUUID(), total: "1.5" };

beforeEach(() => {
  fakeService(settings().STOCK_URL, () => Response.json({ id: body.item_id }));
});

const create = (key: string, sent: object = body, by = client) =>
  by("POST", "/orders", sent, { "Idempotency-Key": key });

const count = async () => (await database.select().from(orders)).length;

test("a repeated request has one effect, and gets the same response", async () => {
  const before = await count();
  const first = await create('"first"');
  assert.equal(first.status, 201);
  // The key needs no quotes, and the service that a reference needs may be away.
  fakeService(settings().STOCK_URL, () => Promise.reject(new Error("not reachable")));
  const second = await create("first");
  assert.equal(second.status, 201);
  for (const name of ["Content-Type", "ETag", "Location"]) {
    assert.equal(second.headers.get(name), first.headers.get(name));
  }
  assert.deepEqual(await second.json(), await first.json());
  assert.equal(await count(), before + 1);
});

test("a key belongs to one request of one caller", async () => {
  const key = randomUUID();
  const { id } = (await (await create(key)).json()) as { id: string };
  await problem(await create(key, { ...body, total: "2" }), 422);
  const others = (await (await create(key, body, other)).json()) as { id: string };
  assert.notEqual(others.id, id);
});

test("a refused request does not use up its key", async () => {
  const key = randomUUID();
  assert.deepEqual(await wrongFields(await create(key, { ...body, total: "x" })), ["body.total"]);
  assert.equal((await create(key)).status, 201);
});

test("a request is refused while the first one with its key is running", async () => {
  const request = { method: "POST", originalUrl: "/orders", get: () => "busy" };
  const tx = { select: () => ({ from: async () => [{ locked: false }] }) };
  const change = idempotent(request as unknown as Request, () => assert.fail("it is run"));
  await assert.rejects(change(tx as unknown as Transaction), { status: 409 });
});

test("a key is a short string", async () => {
  for (const key of ['""', "x".repeat(256), '"half', "two words"]) {
    assert.deepEqual(await wrongFields(await create(key)), ["header.idempotency-key"]);
  }
});

test("responses are kept for a day", async () => {
  const key = randomUUID();
  const { id } = (await (await create(key)).json()) as { id: string };
  const age = (hours: number) =>
    database
      .update(idempotencyKeys)
      .set({ created_at: sql`now() - make_interval(hours => ${hours})` });
  await age(23);
  await prune(database);
  assert.equal(((await (await create(key)).json()) as { id: string }).id, id);
  await age(25);
  await prune(database);
  assert.notEqual(((await (await create(key)).json()) as { id: string }).id, id);
});
