import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";

const PACKAGE = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
const CACHE = new URL("../../node_modules/.cache/pglite/", import.meta.url);

/** An empty database server in memory: a copy of the first one, for making one anew takes seconds. */
export async function startServer(): Promise<PGlite> {
  const { version } = JSON.parse(await readFile(PACKAGE, "utf8"));
  const file = new URL(`${version}.tar`, CACHE);
  const kept = await readFile(file).catch(() => undefined);
  if (kept) return PGlite.create({ loadDataDir: new Blob([kept]) });
  const pglite = await PGlite.create();
  const data = await pglite.dumpDataDir("none");
  // Test files run side by side: what another one reads is complete.
  const draft = new URL(`${version}.${process.pid}`, CACHE);
  await mkdir(CACHE, { recursive: true });
  await writeFile(draft, await data.bytes());
  await rename(draft, file);
  return pglite;
}
