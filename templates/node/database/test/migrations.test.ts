import assert from "node:assert/strict";
import { test } from "node:test";
import { migrate } from "#chassis/testing/database.ts";
import { startServer } from "#chassis/testing/pglite.ts";
import { differences } from "#chassis/testing/schema-diff.ts";

test("migrations create the tables of the schema", async () => {
  await using pglite = await startServer();
  await migrate(pglite, "up");
  assert.deepEqual(await differences(pglite), [], "see `make migration`");
});

test("migrations can be rolled back", async () => {
  await using pglite = await startServer();
  await migrate(pglite, "up");
  await migrate(pglite, "down");
  const { rows } = await pglite.query("select * from pg_tables where schemaname = 'public'");
  assert.deepEqual(rows, []);
});

test("a database of a later version is not migrated", async () => {
  await using pglite = await startServer();
  await migrate(pglite, "up");
  await pglite.query("insert into migrations.applied (name, run_on) values ('9999_later', now())");
  await migrate(pglite, "up");
  const { rows } = await pglite.query("select * from migrations.applied where name = '9999_later'");
  assert.equal(rows.length, 1);
});
