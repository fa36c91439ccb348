import { bigint, integer, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";

/** Messages to publish. */
export const outbox = pgTable("outbox", {
  position: bigint({ mode: "bigint" }).primaryKey().generatedByDefaultAsIdentity(),
  message_id: uuid().notNull(),
  exchange: varchar({ length: 20 }).notNull(),
  type: varchar({ length: 100 }).notNull(),
  body: text().notNull(),
  created_at: timestamp({ withTimezone: true }).notNull(),
  attempts: integer().notNull().default(0),
  last_error: text(),
  parked_at: timestamp({ withTimezone: true }),
  aggregate: text(),
});
