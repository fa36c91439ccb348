/** Write a migration from the difference to the tables of `src/schema`: `make migration name=what-changes`. */
import { writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { migrate } from "./database.ts";
import { differences } from "./schema-diff.ts";

const name = process.argv[2] ?? "";
if (!/^[a-z0-9-]+$/.test(name)) {
  console.error("A name is needed, of lower-case letters, digits and hyphens.");
  process.exit(2);
}

await using pglite = await PGlite.create();
await migrate(pglite, "up");
const statements = await differences(pglite);
if (statements.length === 0) {
  console.log("The migrations make the tables of src/schema already.");
} else {
  const file = `migrations/${Date.now()}_${name}.sql`;
  await writeFile(file, `-- Up Migration\n${statements.join("\n")}\n\n-- Down Migration\n`);
  console.log(`Wrote ${file}: look it over, and add how it is undone.`);
}
