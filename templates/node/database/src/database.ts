import { EventEmitter } from "node:events";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { Pool } from "pg";
import type { Lifespan } from "./lifespan.ts";
import { logger } from "./logger.ts";
import { settings } from "./settings.ts";

export type Database = PgDatabase<PgQueryResultHKT>;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

const pool = new Pool({
  connectionString: settings.DATABASE_URL,
  connectionTimeoutMillis: 5000,
  statement_timeout: 10_000,
  max: 10,
});
pool.on("error", (error) => logger.warn({ error }, "idle database connection lost"));

export let db: Database = drizzle(pool);

/** Puts another database in the place of PostgreSQL: tests run on PGlite. */
export function useDatabase(database: Database): void {
  db = database;
}

/** Emits `commit` after each transaction that was committed. */
export const commits = new EventEmitter<{ commit: [] }>();

/** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. */
export async function transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  const result = await db.transaction(work);
  commits.emit("commit");
  return result;
}

export async function check(): Promise<void> {
  await db.execute(sql`select 1`);
}

export const lifespan: Lifespan = {
  name: "database",
  start: async () => undefined,
  stop: () => pool.end(),
};
