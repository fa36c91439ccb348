/** Has a running replica run a job now, and waits for its end: `node chassis/run-job.ts expire-unpaid`. */
import { setTimeout as delay } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { connectDatabase, type Database } from "./database.ts";
import { schedule } from "./schema/schedule.ts";

const INTERVAL_MS = 1000;

/** Returns what went wrong; empty if nothing did. */
export async function requestRun(database: Database, name: string): Promise<string> {
  const own = eq(schedule.job, name);
  const requested = new Date();
  const changed = await database.update(schedule).set({ requested }).where(own).returning();
  if (changed.length === 0) return `there is no job ${name}`;
  for (;;) {
    const [row] = await database.select().from(schedule).where(own);
    if (!row) return `there is no job ${name}`;
    if (row.finished >= requested) {
      return row.succeeded >= requested ? "" : `${name} failed: see the log of the service`;
    }
    await delay(INTERVAL_MS);
  }
}

if (import.meta.main) {
  const [name, ...others] = process.argv.slice(2);
  if (!name || others.length > 0) {
    process.stderr.write("usage: node chassis/run-job.ts NAME\n");
    process.exit(1);
  }
  const database = connectDatabase();
  const problem = await requestRun(database, name);
  await database.close();
  if (problem) process.stderr.write(`${problem}\n`);
  else process.stdout.write(`${name} succeeded\n`);
  process.exitCode = problem ? 1 : 0;
}
