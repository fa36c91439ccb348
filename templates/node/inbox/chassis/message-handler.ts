import { ExponentialBackoff, handleType, retry, TimeoutStrategy, timeout } from "cockatiel";
import type { z } from "zod";
import type { Application } from "./application.ts";
import type { Envelope, Event, MessageType } from "./cloudevents.ts";
import { check, type Transaction, transaction } from "./database.ts";
import { claim } from "./inbox.ts";
import { logger } from "./logger.ts";

const HANDLING_MS = 60_000;

/** What a message does: all of it in the transaction, or nothing. */
export type Effect = (tx: Transaction) => Promise<void>;

/** Handles the messages of one type. */
export interface Handler {
  readonly type: string;
  /** Checks the data of a message; throws where it is not what the description says. */
  prepare(envelope: Envelope): Effect;
}

/** A queue and the handlers of its messages. */
export interface Subscription {
  readonly queue: string;
  readonly handlers: readonly Handler[];
}

interface Handling<Schema extends z.ZodType> {
  message: MessageType<Schema>;
  handle: (event: Event<z.output<Schema>>, tx: Transaction) => Promise<void>;
}

export function handler<Schema extends z.ZodType>(handling: Handling<Schema>): Handler {
  const { type, schema } = handling.message;
  return {
    type,
    prepare(envelope) {
      const event = { ...envelope, data: schema.parse(envelope.data) };
      return (tx) => handling.handle(event, tx);
    },
  };
}

class DatabaseUnavailable extends Error {}

const untilDatabaseIsBack = retry(handleType(DatabaseUnavailable), {
  maxAttempts: Number.POSITIVE_INFINITY,
  backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5000 }),
});
untilDatabaseIsBack.onRetry(() => logger.warn("database unavailable, message waits"));

const bounded = timeout(HANDLING_MS, TimeoutStrategy.Aggressive);

/**
 * Has a message take its effect; resolves to false where it had already.
 *
 * While the database is away it waits: that is not the message's fault, and costs it no try.
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
