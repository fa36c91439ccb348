import { after } from "node:test";
import type { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { runner } from "node-pg-migrate";
import type { ClientBase } from "pg";
import type { Database } from "../database.ts";
import { startServer } from "./pglite.ts";

/** A database in memory with the schema of the migrations, until the tests of the file are done. */
export async function startDatabase(): Promise<Database> {
  const pglite = await startServer();
  await migrate(pglite, "up");
  after(() => pglite.close());
  return Object.assign(drizzle(pglite), { close: () => pglite.close() });
}

/** Apply all missing migrations, or roll back all applied ones. */
export async function migrate(pglite: PGlite, direction: "up" | "down"): Promise<void> {
  await runner({
    dbClient: asClient(pglite),
    dir: `${import.meta.dirname}/../../migrations`,
    migrationsTable: "applied",
    migrationsSchema: "migrations",
    createMigrationsSchema: true,
    direction,
    count: Number.POSITIVE_INFINITY,
    checkOrder: false,
    noLock: true,
    log: () => undefined,
  });
}

/** A client with the methods that migrations need. */
function asClient(pglite: PGlite): ClientBase {
  const query = async (text: string, values?: unknown[]) =>
    values ? pglite.query(text, values) : (await pglite.exec(text)).at(-1);
  return { query } as unknown as ClientBase;
}
