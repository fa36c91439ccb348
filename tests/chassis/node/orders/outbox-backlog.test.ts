import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMessage } from "#chassis/cloudevents.ts";
import { transaction } from "#chassis/database.ts";
import { measureOutbox } from "#chassis/metrics/outbox-backlog.ts";
import { registry } from "#chassis/metrics/registry.ts";
import { publish } from "#chassis/outbox.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";

const ping = defineMessage({ type: "test.ping", exchange: "events", data: z.object({}) });

const database = await startDatabase();

async function value(name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  return metric?.values[0]?.value ?? Number.NaN;
}

test("what waits in the outbox is measured", async () => {
  await measureOutbox(database);
  assert.equal(await value("outbox_messages"), 0);
  assert.equal(await value("outbox_oldest_message_age_seconds"), 0);
  await transaction(database, async (tx) => {
    await publish(tx, ping({}));
    await publish(tx, ping({}));
  });
  await measureOutbox(database);
  assert.equal(await value("outbox_messages"), 2);
  assert.ok((await value("outbox_oldest_message_age_seconds")) > 0);
  assert.equal(await value("outbox_parked_messages"), 0);
  await database.update(outbox).set({ parked_at: new Date() });
  await measureOutbox(database);
  assert.equal(await value("outbox_messages"), 0);
  assert.equal(await value("outbox_parked_messages"), 2);
});
