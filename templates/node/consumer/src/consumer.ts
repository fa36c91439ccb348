import { Counter, Histogram } from "prom-client";
import { broker, type Delivery } from "./broker.ts";
import { type Envelope, readEnvelope } from "./cloudevents.ts";
import { context } from "./context.ts";
import { type Effect, takeEffect } from "./handling.ts";
import type { Lifespan } from "./lifespan.ts";
import { logger, withoutValues } from "./logger.ts";
import { registry } from "./metrics.ts";
import { type Subscription, subscriptions } from "./subscriptions.ts";
import { RETRY_DELAYS_MS } from "./topology.ts";

const ERROR_LENGTH = 500;

type Outcome = "handled" | "duplicate" | "retried" | "dead" | "ignored";

const outcomes = new Counter({
  name: "messages_handled_total",
  help: "Messages taken from a queue, by what became of them",
  labelNames: ["queue", "type", "outcome"] as const,
  registers: [registry],
});

const duration = new Histogram({
  name: "message_handling_duration_seconds",
  help: "Time that a message's handler took",
  labelNames: ["queue", "type"] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  registers: [registry],
});

/** Resolves when the message has had its effect or is safe in another queue. */
async function receive({ queue, handlers }: Subscription, delivery: Delivery): Promise<void> {
  let envelope: Envelope;
  let effect: Effect | undefined;
  try {
    envelope = readEnvelope(delivery.body);
    effect = handlers.find(({ type }) => type === envelope.type)?.prepare(envelope);
  } catch (error) {
    outcomes.inc({ queue, type: "invalid", outcome: "dead" });
    return putAside(queue, delivery, error);
  }
  const { id, type, correlationid = id } = envelope;
  const known = { queue, type, message_id: id };
  if (!effect) {
    // Of an earlier or a later version of this service's subscriptions.
    outcomes.inc({ queue, type: "other", outcome: "ignored" });
    logger.info(known, "message ignored");
    return;
  }
  await context.run({ correlationId: correlationid }, async () => {
    const stopTimer = duration.startTimer({ queue, type });
    const outcome = await handle(queue, delivery, id, effect);
    const seconds = stopTimer();
    outcomes.inc({ queue, type, outcome });
    logger.info({ ...known, outcome, duration_ms: Math.round(seconds * 1e4) / 10 }, "message");
  });
}

async function handle(
  queue: string,
  delivery: Delivery,
  id: string,
  effect: Effect,
): Promise<Outcome> {
  try {
    const isNew = await takeEffect(queue, id, effect);
    return isNew ? "handled" : "duplicate";
  } catch (error) {
    logger.warn({ error, queue, message_id: id }, "handler failed");
    return tryLater(queue, delivery, error);
  }
}

/** Moves a message to where it waits for its next try, or puts it aside after the last one. */
async function tryLater(queue: string, delivery: Delivery, error: unknown): Promise<Outcome> {
  const attempt = Number(delivery.headers["x-attempt"] ?? 0) + 1;
  if (attempt <= RETRY_DELAYS_MS.length) {
    await move(delivery, `${queue}.retry.${attempt}`, { "x-attempt": attempt });
    return "retried";
  }
  await putAside(queue, delivery, error);
  return "dead";
}

async function putAside(queue: string, delivery: Delivery, error: unknown): Promise<void> {
  logger.error({ error, queue, message_id: delivery.messageId }, "message put aside");
  const reason = String(withoutValues(error)).slice(0, ERROR_LENGTH);
  await move(delivery, `${queue}.dead`, { "x-error": reason });
}

function move(
  { messageId, body }: Delivery,
  routingKey: string,
  headers: Record<string, unknown>,
): Promise<void> {
  return broker.publish({ exchange: "", routingKey, messageId, headers, body });
}

/** Handles the messages of a queue from now on. */
export function consume(subscription: Subscription): void {
  broker.consume(subscription.queue, (delivery) => receive(subscription, delivery));
}

export const lifespan: Lifespan = {
  name: "consumer",
  start: async () => subscriptions.forEach(consume),
  drain: () => broker.cancel(),
  stop: () => broker.cancel(),
};
