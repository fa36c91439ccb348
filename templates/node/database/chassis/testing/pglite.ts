import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";

const PACKAGE = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
const CACHE = new URL("../../node_modules/.cache/pglite/", import.meta.url);

/** Start an empty database server in memory, as a copy of the first one, whose creation takes seconds. */
export async function startServer(): Promise<PGlite> {
  const { version } = JSON.parse(await readFile(PACKAGE, "utf8"));
  const file = new URL(`${version}.tar`, CACHE);
  const kept = await readFile(file).catch(() => undefined);
  if (kept) return PGlite.create({ loadDataDir: new Blob([kept]) });
  const pglite = await PGlite.create();
  const data = await pglite.dumpDataDir("none");
  // Test files run in parallel, and must not read a partial file.
  const draft = new URL(`${version}.${process.pid}`, CACHE);
  await mkdir(CACHE, { recursive: true });
  await writeFile(draft, await data.bytes());
  await rename(draft, file);
  return pglite;
}
