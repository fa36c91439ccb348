/** Columns of every resource, and column types whose values are those of the API. */
import { sql } from "drizzle-orm";
import { bigint, customType, uuid } from "drizzle-orm/pg-core";

/** An RFC 3339 string in UTC with milliseconds. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => "timestamp (3) with time zone",
  fromDriver: (value) => {
    // The usual time zone needs no arithmetic, which would show in lists.
    if (value.endsWith("+00")) {
      const milliseconds = value.slice(20, -3).padEnd(3, "0").slice(0, 3);
      return `${value.slice(0, 10)}T${value.slice(11, 19)}.${milliseconds}Z`;
    }
    return new Date(value.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")).toISOString();
  },
});

/** A decimal string without needless zeros. */
export const decimal = customType<{ data: string; driverData: string }>({
  dataType: () => "numeric(18, 4)",
  fromDriver: (value) => (value.includes(".") ? value.replace(/\.?0+$/, "") : value),
});

export const identity = {
  id: uuid().primaryKey().defaultRandom(),
  version: bigint({ mode: "number" }).notNull().default(1),
  created_at: instant().notNull().default(sql`now()`),
  updated_at: instant().notNull().default(sql`now()`),
};
