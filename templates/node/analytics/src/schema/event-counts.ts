import { bigint, pgTable, varchar } from "drizzle-orm/pg-core";

/** The number of events of each type. */
export const eventCounts = pgTable("event_counts", {
  type: varchar({ length: 100 }).primaryKey(),
  count: bigint({ mode: "number" }).notNull(),
});
