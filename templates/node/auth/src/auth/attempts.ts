import { eq, sql } from "drizzle-orm";
import { db } from "../database.ts";
import { Problem } from "../problems.ts";
import { failedLogins } from "../schema/accounts.ts";

const ALLOWED = 10;
const WINDOW_SECONDS = 15 * 60;

const isOver = sql`${failedLogins.since} < now() - make_interval(secs => ${WINDOW_SECONDS})`;

/**
 * Counts a login as failed before it is tried, so that many at once get no more tries than others.
 * Throws a 429 when there were too many, whether or not the address has an account.
 */
export async function countAttempt(email: string): Promise<void> {
  const [attempt] = await db
    .insert(failedLogins)
    .values({ email, failures: 1, since: sql`now()` })
    .onConflictDoUpdate({
      target: failedLogins.email,
      set: {
        failures: sql`case when ${isOver} then 1 else ${failedLogins.failures} + 1 end`,
        since: sql`case when ${isOver} then now() else ${failedLogins.since} end`,
      },
    })
    .returning();
  if (!attempt || attempt.failures <= ALLOWED) return;
  const seconds = WINDOW_SECONDS - Math.floor((Date.now() - attempt.since.getTime()) / 1000);
  throw new Problem(429, "There were too many failed logins for this address.", {
    headers: { "Retry-After": String(Math.max(1, seconds)) },
  });
}

/** Ends the count, after a login that worked. */
export async function forgetAttempts(email: string): Promise<void> {
  await db.delete(failedLogins).where(eq(failedLogins.email, email));
}

/** Deletes counts that do not matter any more. */
export async function pruneAttempts(): Promise<void> {
  await db.delete(failedLogins).where(isOver);
}
