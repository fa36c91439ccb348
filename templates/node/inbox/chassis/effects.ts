import { ExponentialBackoff, handleType, retry, TimeoutStrategy, timeout } from "cockatiel";
import type { Application } from "./application.ts";
import { check, type Transaction, transaction } from "./database.ts";
import { claim } from "./inbox.ts";
import { logger } from "./logger.ts";

const HANDLING_MS = 60_000;

/** What a handler gets besides the message. */
export type Scope = [tx: Transaction];

/** The effect of a message: everything in the transaction, or nothing. */
export type Effect = (...scope: Scope) => Promise<void>;

class DatabaseUnavailable extends Error {}

const untilDatabaseIsBack = retry(handleType(DatabaseUnavailable), {
  maxAttempts: Number.POSITIVE_INFINITY,
  backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5000 }),
});
untilDatabaseIsBack.onRetry(() => logger.warn("database unavailable, message waits"));

const bounded = timeout(HANDLING_MS, TimeoutStrategy.Aggressive);

/**
 * Run the effect of a message; return false if it has been run before.
 *
 * An unavailable database is waited for, and costs the message no attempt.
 */
export function takeEffect(
  app: Pick<Application, "database">,
  queue: string,
  id: string,
  effect: Effect,
): Promise<boolean> {
  return untilDatabaseIsBack.execute(async () => {
    try {
      return await transaction(app.database, async (tx) => {
        const isNew = await claim(tx, queue, id);
        if (isNew) await bounded.execute(() => effect(tx));
        return isNew;
      });
    } catch (error) {
      await check(app).catch(() => {
        throw new DatabaseUnavailable("the database does not answer", { cause: error });
      });
      throw error;
    }
  });
}
