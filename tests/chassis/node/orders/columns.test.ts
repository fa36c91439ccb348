import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { pgTable } from "drizzle-orm/pg-core";
import { decimal, instant } from "#chassis/schema/columns.ts";
import { startDatabase } from "#chassis/testing/database.ts";

const values = pgTable("values", { at: instant(), amount: decimal() });
const database = await startDatabase();
await database.execute(sql`create table "values" (at timestamptz(3), amount numeric(18, 4))`);

const read: [at: string, amount: string][] = [
  ["2026-01-31T12:00:00.000Z", "100"],
  ["2026-01-31T12:00:00.120Z", "-12.5"],
  ["0001-01-01T00:00:00.007Z", "0"],
  ["9999-12-31T23:59:59.999Z", "0.0001"],
];

test("columns with microseconds are read in milliseconds", async () => {
  await database.execute(sql`set timezone = 'UTC'`);
  const { rows } = (await database.execute(
    sql`select '2026-01-31 12:00:00.123456+00'::timestamptz::text as at`,
  )) as unknown as { rows: { at: string }[] };
  assert.equal(values.at.mapFromDriverValue(rows[0]?.at), "2026-01-31T12:00:00.123Z");
});

for (const zone of ["UTC", "Asia/Kolkata", "America/New_York"]) {
  test(`values are read as the API shows them, in the time zone ${zone}`, async () => {
    await database.execute(sql.raw(`set timezone = '${zone}'`));
    const rows = read.filter(([at]) => zone === "UTC" || at.startsWith("2026"));
    await database.delete(values);
    for (const [at, amount] of rows) await database.insert(values).values({ at, amount });
    const found = await database.select().from(values).orderBy(values.at);
    assert.deepEqual(
      found,
      rows.map(([at, amount]) => ({ at, amount })).sort((a, b) => (a.at < b.at ? -1 : 1)),
    );
  });
}
