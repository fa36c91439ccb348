import { index, pgTable, primaryKey, timestamp, uuid, varchar } from "drizzle-orm/pg-core";

/** Messages that were handled. */
export const inbox = pgTable(
  "inbox",
  {
    queue: varchar({ length: 100 }).notNull(),
    message_id: uuid().notNull(),
    handled_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.queue, table.message_id] }),
    index().on(table.handled_at),
  ],
);
