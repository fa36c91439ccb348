import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { readEnvelope } from "#chassis/cloudevents.ts";
import { Problem } from "#chassis/problems.ts";
import { createRepository } from "#chassis/repository.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { settings } from "#chassis/settings.ts";
import { startApp } from "#chassis/testing/app.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { fakeService } from "#chassis/testing/fake-services.ts";
import { token } from "#chassis/testing/tokens.ts";
import { repository } from "../../src/resources/order.ts";
import { orders } from "../../src/schema/order.ts";

const database = await startDatabase();

test("every change of a row publishes its event, about the row, in the same transaction", async () => {
  const row = await repository.change(database, async (tx) => {
    const created = await repository.insert(tx, { item_id: randomUUID(), total: "1.5" });
    assert.deepEqual(created.tags, []);
    const updated = await repository.update(tx, created, { total: "2.5", tags: ["new"] });
    await repository.update(tx, updated, { total: "2.5" });
    await repository.delete(tx, updated);
    return updated;
  });
  const rows = await database.select().from(outbox).orderBy(outbox.position);
  assert.deepEqual(
    rows.map(({ type, aggregate }) => [type, aggregate]),
    ["created", "updated", "deleted"].map((action) => [`order.${action}`, `order/${row.id}`]),
  );
  const [, updated, deleted] = rows.map(({ body }) => readEnvelope(Buffer.from(body)));
  assert.partialDeepStrictEqual(updated?.data, {
    id: row.id,
    total: "2.5",
    tags: ["new"],
    version: 2,
  });
  assert.deepEqual(deleted?.data, { id: row.id });
});

test("an event names the account that caused it", async () => {
  const { database, url } = await startApp();
  const item_id = randomUUID();
  fakeService(settings().STOCK_URL, () => Response.json({ id: item_id }));
  const sub = randomUUID();
  const response = await fetch(`${url}/orders`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await token({ sub })}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ item_id, total: "1" }),
  });
  assert.equal(response.status, 201);
  const [row] = await database.select().from(outbox);
  const { authtype, authid } = readEnvelope(Buffer.from(row?.body ?? ""));
  assert.deepEqual({ authtype, authid }, { authtype: "app_user", authid: sub });
});

test("a row that has changed since it was read is neither changed nor deleted", async () => {
  const silent = createRepository(orders);
  await silent.change(database, async (tx) => {
    const read = await silent.insert(tx, { item_id: randomUUID(), total: "1" });
    await silent.update(tx, read, { total: "2" });
    for (const late of [silent.update(tx, read, { total: "3" }), silent.delete(tx, read)]) {
      await assert.rejects(late, (error) => error instanceof Problem && error.status === 409);
    }
  });
});
