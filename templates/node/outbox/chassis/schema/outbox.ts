import { bigint, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";

/** Messages that are still to be published. */
export const outbox = pgTable("outbox", {
  position: bigint({ mode: "bigint" }).primaryKey().generatedByDefaultAsIdentity(),
  message_id: uuid().notNull(),
  exchange: varchar({ length: 20 }).notNull(),
  type: varchar({ length: 100 }).notNull(),
  body: text().notNull(),
  created_at: timestamp({ withTimezone: true }).notNull(),
});
