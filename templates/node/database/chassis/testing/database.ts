import { after } from "node:test";
import type { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { runner } from "node-pg-migrate";
import type { ClientBase } from "pg";
import { useDatabase } from "../database.ts";
import { startServer } from "./pglite.ts";

/** Gives the tests of a file a database of their own, in memory, with the schema of the migrations. */
export async function startDatabase(): Promise<PGlite> {
  const pglite = await startServer();
  await migrate(pglite, "up");
  useDatabase(drizzle(pglite));
  after(() => pglite.close());
  return pglite;
}

/** Runs all migrations that are missing, or undoes all that ran. */
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

/** As much of a client of PostgreSQL as migrations need. */
function asClient(pglite: PGlite): ClientBase {
  const query = async (text: string, values?: unknown[]) =>
    values ? pglite.query(text, values) : (await pglite.exec(text)).at(-1);
  return { query } as unknown as ClientBase;
}
