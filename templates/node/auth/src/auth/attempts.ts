import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "#chassis/database.ts";
import { Problem } from "#chassis/problems.ts";
import { loginFailures } from "../schema/accounts.ts";

const ALLOWED = 10;
const WINDOW_SECONDS = 15 * 60;

const sha256 = (email: string) => createHash("sha256").update(email).digest("hex");

const isOver = sql`${loginFailures.since} < now() - make_interval(secs => ${WINDOW_SECONDS})`;

/**
 * Counts a login as failed before it is tried, so that many at once get no more tries than others.
 * Throws a 429 when there were too many, whether or not the address has an account.
 */
export async function countAttempt(database: Database, email: string): Promise<void> {
  const [attempt] = await database
    .insert(loginFailures)
    .values({ address_hash: sha256(email), failures: 1, since: sql`now()` })
    .onConflictDoUpdate({
      target: loginFailures.address_hash,
      set: {
        failures: sql`case when ${isOver} then 1 else ${loginFailures.failures} + 1 end`,
        since: sql`case when ${isOver} then now() else ${loginFailures.since} end`,
      },
    })
    .returning();
  if (!attempt || attempt.failures <= ALLOWED) return;
  const seconds = WINDOW_SECONDS - Math.floor((Date.now() - attempt.since.getTime()) / 1000);
  throw new Problem(429, "There were too many failed logins for this address.", {
    headers: { "Retry-After": String(Math.max(1, seconds)) },
  });
}

/** Resets the count after a successful login. */
export async function forgetAttempts(tx: Transaction, email: string): Promise<void> {
  await tx.delete(loginFailures).where(eq(loginFailures.address_hash, sha256(email)));
}

/** Deletes counts that do not matter any more. */
export async function pruneAttempts(database: Database): Promise<void> {
  await database.delete(loginFailures).where(isOver);
}
