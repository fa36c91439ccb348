import { glob } from "node:fs/promises";
import type { PGlite } from "@electric-sql/pglite";
import { pushSchema } from "drizzle-kit/api";
import { drizzle } from "drizzle-orm/pglite";

/**
 * Statements that would make the tables those of the schema. Defaults that migrations leave, for replicas of the version
 * before, are no difference.
 */
export async function differences(pglite: PGlite): Promise<string[]> {
  const database = drizzle(pglite) as never;
  const { statementsToExecute } = await pushSchema(await tables(), database, ["public"]);
  return statementsToExecute.filter((statement) => !statement.endsWith(" DROP DEFAULT;"));
}

/** Everything that modules in `src/schema` and `chassis/schema` export. */
async function tables(): Promise<Record<string, unknown>> {
  const exported = {};
  const root = new URL("../../", import.meta.url);
  for await (const file of glob("{src,chassis}/schema/*.ts", { cwd: root })) {
    Object.assign(exported, await import(new URL(file, root).href));
  }
  return exported;
}
