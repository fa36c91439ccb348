/** Brings the database's schema up to date: `node chassis/migrate.ts`. */
import { runner } from "node-pg-migrate";
import { logger } from "./logger.ts";
import { settings } from "./settings.ts";

await runner({
  databaseUrl: settings().DATABASE_URL,
  dir: `${import.meta.dirname}/../migrations`,
  migrationsTable: "applied",
  migrationsSchema: "migrations",
  createMigrationsSchema: true,
  direction: "up",
  // A feature that is added later brings its first migration, whatever ran before.
  checkOrder: false,
  // Replicas that start together take turns.
  advisoryLockMode: "wait",
  logger: {
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    error: (message) => logger.error(message),
  },
});
