import { integer, pgTable, timestamp, varchar } from "drizzle-orm/pg-core";

/** Scheduled times of the last runs of each job. */
export const schedule = pgTable("schedule", {
  job: varchar({ length: 40 }).primaryKey(),
  started: timestamp({ withTimezone: true }),
  attempts: integer().notNull().default(0),
  /** Of the last run that ended or was skipped. */
  finished: timestamp({ withTimezone: true }).notNull(),
  succeeded: timestamp({ withTimezone: true }).notNull(),
  failed: timestamp({ withTimezone: true }),
  requested: timestamp({ withTimezone: true }),
  /** When the last run ended. */
  ended_at: timestamp({ withTimezone: true }),
});
