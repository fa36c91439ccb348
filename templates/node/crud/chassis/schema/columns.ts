/** Columns of every resource, and types of columns that come out of the database as the API shows them. */
import { sql } from "drizzle-orm";
import { bigint, customType, uuid } from "drizzle-orm/pg-core";
import { plainDecimal } from "../fields.ts";

/** An RFC 3339 string in UTC with milliseconds. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => "timestamp (3) with time zone",
  fromDriver: (value) => {
    const rfc3339 = value.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
    return new Date(rfc3339).toISOString();
  },
});

/** A decimal string without needless zeros. */
export const decimal = customType<{ data: string; driverData: string }>({
  dataType: () => "numeric(18, 4)",
  fromDriver: plainDecimal,
});

export const identity = {
  id: uuid().primaryKey().defaultRandom(),
  version: bigint({ mode: "number" }).notNull().default(1),
  created_at: instant().notNull().default(sql`now()`),
  updated_at: instant().notNull().default(sql`now()`),
};
