import { glob } from "node:fs/promises";
import type { PGlite } from "@electric-sql/pglite";
import { pushSchema } from "drizzle-kit/api";
import { drizzle } from "drizzle-orm/pglite";

/** A required column that is added later keeps the default that existing rows got: see its migration. */
const KEPT_DEFAULT = /^ALTER TABLE \S+ ALTER COLUMN \S+ DROP DEFAULT;?$/;

/** Return the statements that turn the database's tables into those of the schema. */
export async function differences(pglite: PGlite): Promise<string[]> {
  const database = drizzle(pglite) as never;
  const { statementsToExecute } = await pushSchema(await tables(), database, ["public"]);
  return statementsToExecute.filter((statement) => !KEPT_DEFAULT.test(statement));
}

/** Return all exports of modules in `src/schema` and `chassis/schema`. */
async function tables(): Promise<Record<string, unknown>> {
  const exported = {};
  const root = new URL("../../", import.meta.url);
  for await (const file of glob("{src,chassis}/schema/*.ts", { cwd: root })) {
    Object.assign(exported, await import(new URL(file, root).href));
  }
  return exported;
}
