import { after } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { useDatabase } from "../src/database.ts";

/** Gives the tests of a file a database of their own, in memory, with the schema of the migrations. */
export async function startDatabase(): Promise<void> {
  const client = new PGlite();
  const database = drizzle(client);
  await migrate(database, { migrationsFolder: "migrations" });
  useDatabase(database);
  after(() => client.close());
}
