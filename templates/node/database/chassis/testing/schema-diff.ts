import type { PGlite } from "@electric-sql/pglite";
import { pushSchema } from "drizzle-kit/api";
import { drizzle } from "drizzle-orm/pglite";
import * as schema from "../schema/index.ts";

/** The statements that would make the tables those of the schema. */
export async function differences(pglite: PGlite): Promise<string[]> {
  const database = drizzle(pglite) as never;
  const { statementsToExecute } = await pushSchema(schema, database, ["public"]);
  return statementsToExecute;
}
