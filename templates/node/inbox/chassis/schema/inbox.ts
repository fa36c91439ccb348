import { bigint, index, pgTable, timestamp, unique, uuid, varchar } from "drizzle-orm/pg-core";

/** Messages that were handled. */
export const inbox = pgTable(
  "inbox",
  {
    position: bigint({ mode: "bigint" }).primaryKey().generatedByDefaultAsIdentity(),
    queue: varchar({ length: 100 }).notNull(),
    message_id: uuid().notNull(),
    handled_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [unique().on(table.queue, table.message_id), index().on(table.handled_at)],
);
