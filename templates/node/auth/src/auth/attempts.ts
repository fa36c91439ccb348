import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "#chassis/database.ts";
import { Problem } from "#chassis/problems.ts";
import { loginFailures } from "../schema/accounts.ts";

const ALLOWED = 10;
const WINDOW_SECONDS = 15 * 60;

const key = (email: string, client: string) =>
  createHash("sha256").update(`${email}\n${client}`).digest("hex");

const isOver = sql`${loginFailures.since} < now() - make_interval(secs => ${WINDOW_SECONDS})`;

/**
 * Counts a login as failed before it is tried, so that concurrent ones get no further tries.
 * Throws a 429 after too many for an e-mail address from a client, who cannot lock others out.
 */
export async function countAttempt(
  database: Database,
  email: string,
  client: string,
): Promise<void> {
  const [attempt] = await database
    .insert(loginFailures)
    .values({ address_hash: key(email, client), failures: 1, since: sql`now()` })
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
  throw new Problem(429, "Too many attempts.", {
    headers: { "Retry-After": String(Math.max(1, seconds)) },
  });
}

/** Resets the count after a successful login. */
export async function forgetAttempts(
  tx: Transaction,
  email: string,
  client: string,
): Promise<void> {
  await tx.delete(loginFailures).where(eq(loginFailures.address_hash, key(email, client)));
}

/** Deletes counts that do not matter any more. */
export async function pruneAttempts(database: Database): Promise<void> {
  await database.delete(loginFailures).where(isOver);
}
