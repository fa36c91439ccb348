/** Operations with code. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { outbox } from "#chassis/schema/outbox.ts";
import { type Json, startApp, wrongFields } from "#chassis/testing/app.ts";
import { authorization } from "#chassis/testing/caller.ts";
import { clientOf } from "#chassis/testing/client.ts";
import { orders } from "../src/schema/order.ts";
import { createOrder } from "./samples/order.ts";

const { database, url } = await startApp();
const client = clientOf(url, await authorization(randomUUID(), []));
const support = clientOf(url, await authorization());

test("an operation changes its row and publishes, once for each key", async () => {
  const { id, version } = await createOrder(client);
  const cancel = (reason: string, headers: Record<string, string> = {}) =>
    client("POST", `/orders/${id}/cancel`, { reason }, headers);
  assert.equal((await cancel("late", { "If-Match": '"9"' })).status, 412);
  assert.deepEqual(await wrongFields(await cancel("none")), ["body.reason"]);
  const keyed = { "If-Match": `"${version}"`, "Idempotency-Key": '"a"' };
  for (const response of [await cancel("late", keyed), await cancel("late", keyed)]) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("ETag"), '"2"');
    const shown = (await response.json()) as Json;
    assert.partialDeepStrictEqual(shown, { id, total: "0", version: 2 });
    assert.ok(!("margin" in shown));
  }
  assert.equal((await database.select().from(outbox)).length, 1);
});

test("only the fields of the output are sent", async () => {
  const response = await support("POST", "/orders/import", { rows: 2, kind: "big", price: "1.5" });
  assert.deepEqual(await response.json(), { accepted: 2, kind: "big" });
});

test("a file has a media type and a name", async () => {
  for (const headers of [{}, { "Idempotency-Key": "b" }, { "Idempotency-Key": "b" }]) {
    const response = await client("POST", "/orders/report", undefined, headers);
    assert.equal(response.headers.get("Content-Type"), "text/csv");
    const disposition = response.headers.get("Content-Disposition") ?? "";
    assert.match(
      disposition,
      /^attachment; filename=.*; filename\*=UTF-8''orders%20%E2%80%93%20all.csv$/,
    );
    assert.match(await response.text(), /^id,total\n.*,0\n.*,1.5\n$/s);
  }
});

test("an operation may do what its caller may not", async () => {
  const { id } = await createOrder(client);
  assert.equal((await client("DELETE", `/orders/${id}`)).status, 403);
  const response = await client("POST", "/orders/reset");
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  assert.equal((await database.select().from(orders)).length, 0);
});
