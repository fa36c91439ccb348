import { lt, sql } from "drizzle-orm";
import type { Application } from "./application.ts";
import { background } from "./background.ts";
import type { Database, Transaction } from "./database.ts";
import { inbox } from "./schema/inbox.ts";

const HOUR_MS = 3_600_000;

/**
 * Record that a message is handled, in the transaction of its effect; return false if it was handled before.
 *
 * Waits for another transaction that handles the same message.
 */
export async function claim(tx: Transaction, queue: string, messageId: string): Promise<boolean> {
  const claimed = await tx
    .insert(inbox)
    .values({ queue, message_id: messageId })
    .onConflictDoNothing()
    .returning({ queue: inbox.queue });
  return claimed.length > 0;
}

/** Delete entries of messages that are too old to be redelivered. */
export async function prune(database: Database): Promise<void> {
  await database.delete(inbox).where(lt(inbox.handled_at, sql`now() - interval '30 days'`));
}

export const lifespan = ({ database }: Application) =>
  background("inbox", HOUR_MS, () => prune(database));
