import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mock, test } from "node:test";
import { createAccess } from "#chassis/access.ts";
import { type Caller, context } from "#chassis/context.ts";
import { publicFields } from "#chassis/crud.ts";
import { logger } from "#chassis/logger.ts";
import { Problem } from "#chassis/problems.ts";
import { createRepository } from "#chassis/repository.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { OrderRead } from "../../src/resources/order.ts";
import { orders } from "../../src/schema/order.ts";

const database = await startDatabase();

// The column with the item stands for the owner's: nothing else in this service has a UUID.
const access = createAccess("orders", {
  owner: "item_id",
  list: ["auditor", "owner", "support"],
  read: ["auditor", "owner", "support"],
  create: ["user"],
  update: ["admin", "owner"],
  delete: ["admin"],
  fields: { total: { read: ["owner", "support"], write: ["support"] } },
});
const repository = createRepository(orders, { access });
const query = { limit: 10, offset: 0, sort: "-created_at" };

const ada: Caller = { id: randomUUID(), roles: [] };
const bob: Caller = { id: randomUUID(), roles: [] };
const support: Caller = { id: randomUUID(), roles: ["support", "owner"] };
const admin: Caller = { id: randomUUID(), roles: ["admin", "support"] };
const auditor: Caller = { id: randomUUID(), roles: ["auditor"] };
const newcomer: Caller = { id: randomUUID(), roles: [] };
const anybody: Caller = { roles: ["support"] };

/** Do something in a request of the caller. */
const as = <T>(caller: Caller, work: () => T) => context.run({ correlationId: "", caller }, work);

const insert = (caller: Caller, owner = caller.id) =>
  as(caller, () =>
    repository.change(database, (tx) => {
      return repository.insert(tx, { item_id: owner ?? randomUUID(), total: "1" });
    }),
  );

/** 200 for work that succeeds, otherwise the status of its problem. */
async function statusOf(work: () => unknown): Promise<number> {
  try {
    await work();
    return 200;
  } catch (error) {
    if (error instanceof Problem) return error.status;
    throw error;
  }
}

const statuses = (callers: Caller[], work: () => unknown) =>
  Promise.all(callers.map((caller) => as(caller, () => statusOf(work))));

test("owners list their own rows, and roles all rows", async () => {
  const { id } = await insert(ada);
  const page = (caller: Caller, more = {}) =>
    as(caller, () => repository.list(database, { ...query, ...more }));
  for (const more of [{}, { version: 1 }, { sort: "total,-id" }]) {
    await insert(bob);
    const own = await page(ada, more);
    assert.deepEqual([own.items.map((row) => row.id), own.total], [[id], 1]);
    const all = await page(support, more);
    assert.ok(all.items.some((row) => row.id === id) && all.total > 1);
  }
  assert.equal((await page(newcomer)).total, 0);
});

test("what may not be read does not exist, and what may only be read is forbidden", async () => {
  const row = await insert(ada);
  const callers = [ada, bob, support, admin];
  const find = (action?: "read" | "update" | "delete") =>
    statuses(callers, () => repository.find(database, row.id, action));
  assert.deepEqual(await find(), [200, 404, 200, 200]);
  assert.deepEqual(await find("update"), [200, 404, 403, 200]);
  assert.deepEqual(await find("delete"), [403, 404, 403, 200]);
  const exists = callers.map((caller) => as(caller, () => repository.exists(database, row.id)));
  assert.deepEqual(await Promise.all(exists), [true, false, true, true]);
});

test("changes are checked even if the row was read without a caller", async () => {
  const row = await insert(ada);
  const update = () =>
    repository.change(database, (tx) => repository.update(tx, row, { total: "1" }));
  assert.deepEqual(await statuses([ada, bob, support], update), [200, 404, 403]);
  const remove = () => repository.change(database, (tx) => repository.delete(tx, row));
  assert.deepEqual(await statuses([ada, bob, support, admin], remove), [403, 404, 403, 200]);
  const create = () => insert(context.getStore()?.caller ?? ada);
  assert.deepEqual(await statuses([anybody, bob], create), [401, 200]);
});

test("work outside of requests may do everything", async () => {
  const row = await insert(ada);
  const values = { item_id: randomUUID(), total: "1" };
  await repository.change(database, (tx) => repository.insert(tx, values));
  assert.ok((await repository.list(database, query)).total >= 2);
  await repository.change(database, (tx) => repository.delete(tx, row));
});

test("a guard refuses callers who may do it with no row", async () => {
  const pass = (action: "list" | "create" | "update" | "delete") => () =>
    access.guard(action)({} as never, {} as never, () => undefined);
  const callers = [ada, support, admin, anybody];
  assert.deepEqual(await statuses(callers, pass("create")), [200, 200, 200, 401]);
  assert.deepEqual(await statuses(callers, pass("update")), [200, 200, 200, 200]);
  // The row decides between 403 and 404 for those who cannot read every row.
  assert.deepEqual(await statuses(callers, pass("delete")), [200, 403, 200, 200]);
});

test("fields are hidden, and refused in filters, sort keys and bodies", async () => {
  const row = await insert(ada);
  const shown = (caller: Caller) =>
    as(caller, () => "total" in publicFields(OrderRead, row, access.hidden));
  assert.deepEqual([ada, bob, support, auditor].map(shown), [true, false, true, false]);
  for (const more of [{ total: "1" }, { total_min: "1" }, { sort: "id,-total" }]) {
    const list = () => repository.list(database, { ...query, ...more });
    assert.deepEqual(await statuses([ada, support, auditor], list), [200, 200, 403]);
  }
  const write = (body: object) => () => access.checkFields(body, row);
  assert.deepEqual(await statuses([ada, support], write({ total: "2" })), [403, 200]);
  assert.deepEqual(await statuses([ada], write({ item_id: "2" })), [200]);
  assert.throws(
    () => as(ada, () => access.checkFields({ total: "1" })),
    ({ errors }: Problem) => errors?.[0]?.field === "body.total",
  );
});

test("each denial is logged with the account and the row", async () => {
  const row = await insert(ada);
  const warn = mock.method(logger, "warn");
  await statuses([bob], () => repository.find(database, row.id));
  await statuses([support], () => repository.find(database, row.id, "delete"));
  const lines = warn.mock.calls.map(({ arguments: [fields, message] }) => [fields, message]);
  const line = (action: string, caller: Caller) => [
    { account: caller.id, action, resource: "orders", id: row.id },
    "access denied",
  ];
  assert.deepEqual(lines, [line("read", bob), line("delete", support)]);
});

test("a service does everything but create a row that needs an owner", async () => {
  const bills: Caller = { service: "bills", roles: [] };
  const row = await insert(ada);
  assert.equal(
    as(bills, () => access.checkList({})),
    undefined,
  );
  for (const action of ["read", "update", "delete"] as const) {
    as(bills, () => access.checkRow(action, row));
  }
  as(bills, () => access.checkFields({ total: "2" }, row));
  assert.deepEqual(
    as(bills, () => access.hidden(row)),
    [],
  );
  assert.equal(await statusOf(() => as(bills, () => access.checkCreate())), 403);
});
