import { bigint, pgTable, varchar } from "drizzle-orm/pg-core";

/** How many events of each type there were. */
export const eventCounts = pgTable("event_counts", {
  type: varchar({ length: 100 }).primaryKey(),
  count: bigint({ mode: "number" }).notNull(),
});
