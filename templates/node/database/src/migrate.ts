/** Brings the database's schema up to date: `node src/migrate.ts`. */
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client } from "pg";
import { settings } from "./settings.ts";

const client = new Client({ connectionString: settings.DATABASE_URL });
await client.connect();
try {
  // Two at once would both find the same migrations missing.
  await client.query("select pg_advisory_lock(727565)");
  await migrate(drizzle(client), { migrationsFolder: "migrations" });
} finally {
  await client.end();
}
