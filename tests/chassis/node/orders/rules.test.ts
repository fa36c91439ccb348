import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { context } from "#chassis/context.ts";
import { publish } from "#chassis/outbox.ts";
import { type Problem, refuse } from "#chassis/problems.ts";
import { createRepository } from "#chassis/repository.ts";
import type { Scope } from "#chassis/rules.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { orderDeleted } from "../../src/messages.ts";
import { type NewOrder, type Order, orders } from "../../src/schema/order.ts";

const database = await startDatabase();
const item_id = randomUUID();

/** What the rules were called with. */
const calls: unknown[][] = [];

const repository = createRepository(orders, {
  rules: {
    create: {
      async before(order: NewOrder) {
        if (order.total === "0") throw refuse({ total: "Must not be zero" });
        order.total = `${order.total}.25`;
      },
      async after({ total, version }: Order, { caller }: Scope) {
        calls.push(["created", total, version, caller?.id]);
      },
    },
    update: {
      async before(order: Order, was: Order) {
        if (Number(order.total) < Number(was.total)) throw refuse({ total: "Must not shrink" });
        if (order.total === "9") order.total = was.total;
      },
      async after({ total, version }: Order, was: Order) {
        calls.push(["updated", was.total, total, version]);
      },
    },
    delete: {
      async before({ total }: Order) {
        if (total === "3") throw refuse({ total: "Must not be three" });
      },
      async after({ id }: Order, { tx }: Scope) {
        await publish(tx, orderDeleted({ id }));
      },
    },
  },
});

const create = (total: string) =>
  repository.change(database, (tx) => repository.insert(tx, { item_id, total }));

const refusal = (field: string) => (error: Problem) => {
  assert.equal(error.status, 422);
  assert.deepEqual(
    error.errors?.map((each) => each.field),
    [field],
  );
  return true;
};

test("a rule completes or refuses a new row", async () => {
  calls.length = 0;
  const account = { id: randomUUID(), roles: [] };
  const made = await context.run({ correlationId: "1", caller: account }, () => create("1"));
  assert.equal(made.total, "1.25");
  assert.deepEqual(calls, [["created", "1.25", 1, account.id]]);
  await assert.rejects(create("0"), refusal("body.total"));
});

test("a rule sees a changed row as it was and as it will be", async () => {
  const row = await create("2");
  const change = (changes: Partial<Order>) =>
    repository.change(database, (tx) => repository.update(tx, row, changes));
  calls.length = 0;
  await assert.rejects(change({ total: "1" }), refusal("body.total"));
  assert.equal((await repository.find(database, row.id)).version, 1);
  const changed = await change({ total: "4" });
  assert.deepEqual(calls, [["updated", "2.25", "4", 2]]);
  calls.length = 0;
  await repository.change(database, (tx) => repository.update(tx, changed, { total: "4" }));
  assert.deepEqual(calls, [], "there is no change");
  const kept = await repository.change(database, (tx) =>
    repository.update(tx, changed, { total: "9" }),
  );
  assert.deepEqual(kept, changed);
});

test("a rule refuses a deletion, or publishes in its transaction", async () => {
  const remove = (row: Order) => repository.change(database, (tx) => repository.delete(tx, row));
  const row = await create("2");
  await assert.rejects(remove({ ...row, total: "3" }), refusal("body.total"));
  assert.ok(await repository.exists(database, row.id));
  await remove(row);
  const [sent] = await database.select().from(outbox);
  assert.equal(sent?.type, "order.deleted");
});
