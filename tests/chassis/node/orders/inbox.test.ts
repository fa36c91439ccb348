import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { type Effect, takeEffect } from "#chassis/effects.ts";
import { prune } from "#chassis/inbox.ts";
import { inbox } from "#chassis/schema/inbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";

const ID = "3f2b8c1e-7a4d-4e6f-9b0a-1c2d3e4f5a6b";

const database = await startDatabase();
const effectOf = (...args: [string, string, Effect]) => takeEffect({ database }, ...args);

test("a message has its effect once, in each queue", async () => {
  let effects = 0;
  const effect = async () => {
    effects += 1;
  };
  assert.equal(await effectOf("once", ID, effect), true);
  assert.equal(await effectOf("once", ID, effect), false);
  assert.equal(await effectOf("other", ID, effect), true);
  assert.equal(effects, 2);
});

test("an effect that fails leaves nothing behind, and can be had later", async () => {
  const failing = effectOf("failing", ID, async (tx) => {
    await tx.insert(inbox).values({ queue: "effect", message_id: ID });
    throw new Error("no");
  });
  await assert.rejects(failing, /no/);
  assert.equal(await database.$count(inbox, sql`queue in ('failing', 'effect')`), 0);
  assert.equal(await effectOf("failing", ID, async () => {}), true);
});

test("messages of long ago are forgotten", async () => {
  const handled_at = sql`now() - interval '31 days'`;
  await database.insert(inbox).values({ queue: "old", message_id: ID, handled_at });
  await database.insert(inbox).values({ queue: "new", message_id: ID });
  await prune(database);
  assert.equal(await database.$count(inbox, sql`queue = 'old'`), 0);
  assert.equal(await database.$count(inbox, sql`queue = 'new'`), 1);
});
