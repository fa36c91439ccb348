/** Apply the migrations that are missing: `node chassis/migrate.ts`. */
import { runner } from "node-pg-migrate";
import { Client } from "pg";
import { logger } from "./logger.ts";
import { settings } from "./settings.ts";

/** Key of the advisory lock that lets one process migrate at a time. */
const LOCK = 3_141_592_653;

const client = new Client({
  connectionString: settings().DATABASE_URL,
  connectionTimeoutMillis: 5000,
  keepAlive: true,
});

await client.connect();
try {
  // One transaction, which ends with the last migration: it keeps the lock, also behind PgBouncer.
  await client.query("BEGIN");
  await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
  // A migration that waits for a lock on a table makes all later queries of the table wait.
  await client.query("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0");
  await runner({
    dbClient: client,
    dir: `${import.meta.dirname}/../migrations`,
    migrationsTable: "applied",
    migrationsSchema: "migrations",
    createMigrationsSchema: true,
    direction: "up",
    // A feature that is added later has its first migration, whatever has been applied before.
    checkOrder: false,
    noLock: true,
    singleTransaction: true,
    logger: {
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  });
  await client.query("COMMIT");
} finally {
  await client.end();
}
