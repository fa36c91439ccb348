import { setTimeout as delay } from "node:timers/promises";
import { ExponentialBackoff, handleAll, retry } from "cockatiel";
import { count, inArray, min } from "drizzle-orm";
import { Gauge } from "prom-client";
import { broker } from "./broker.ts";
import type { Message } from "./cloudevents.ts";
import { commits, db, type Transaction } from "./database.ts";
import type { Lifespan } from "./lifespan.ts";
import { logger } from "./logger.ts";
import { registry } from "./metrics.ts";
import { published } from "./published.ts";
import { recurring } from "./recurring.ts";
import { outbox } from "./schema/outbox.ts";

const BATCH = 100;
/** How often the relay looks for rows that other replicas left, or this one before a crash. */
const IDLE_MS = 1000;
const MEASURE_MS = 10_000;

/** Publishes a message if, and only if, the transaction is committed. */
export async function publish(tx: Transaction, { exchange, envelope }: Message): Promise<void> {
  await tx.insert(outbox).values({
    message_id: envelope.id,
    exchange,
    type: envelope.type,
    body: JSON.stringify(envelope),
    created_at: new Date(envelope.time),
  });
}

/** Publishes the oldest rows and deletes those that the broker has confirmed; tells how many it found. */
export async function relayBatch(): Promise<number> {
  await broker.connected();
  const results = await db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(outbox)
      .orderBy(outbox.position)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const results = await Promise.allSettled(rows.map(publishRow));
    const sent = rows.filter((_, index) => results[index]?.status === "fulfilled");
    const positions = sent.map(({ position }) => position);
    await tx.delete(outbox).where(inArray(outbox.position, positions));
    return results;
  });
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  return results.length;
}

async function publishRow(row: typeof outbox.$inferSelect): Promise<void> {
  await broker.publish({
    exchange: row.exchange,
    routingKey: row.type,
    messageId: row.message_id,
    body: Buffer.from(row.body),
  });
  published.inc({ type: row.type });
}

const waiting = new Gauge({
  name: "outbox_messages",
  help: "Messages that wait to be published",
  registers: [registry],
});

const oldestAge = new Gauge({
  name: "outbox_oldest_message_age_seconds",
  help: "How long the oldest of them has waited",
  registers: [registry],
});

async function measure(): Promise<void> {
  const oldest = min(outbox.created_at);
  const [row] = await db.select({ rows: count(), oldest }).from(outbox);
  waiting.set(row?.rows ?? 0);
  oldestAge.set(row?.oldest ? (Date.now() - row.oldest.getTime()) / 1000 : 0);
}

const measuring = recurring("outbox measurement", MEASURE_MS, measure);

const patiently = retry(handleAll, {
  maxAttempts: Number.POSITIVE_INFINITY,
  backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5000 }),
});
patiently.onRetry((result) => {
  logger.warn({ error: "error" in result && result.error }, "outbox not relayed");
});

/** Publishes whatever there is, as soon as a transaction is committed and every second, until `stop`. */
async function relay(stop: AbortSignal): Promise<void> {
  let wake = new AbortController();
  const onCommit = () => wake.abort();
  commits.on("commit", onCommit);
  while (!stop.aborted) {
    wake = new AbortController();
    const found = await patiently.execute(relayBatch, stop);
    if (found === BATCH) continue;
    const woken = AbortSignal.any([wake.signal, stop]);
    await delay(IDLE_MS, undefined, { signal: woken }).catch(() => undefined);
  }
  commits.off("commit", onCommit);
}

const stopping = new AbortController();
let relaying: Promise<void> | undefined;

export const lifespan: Lifespan = {
  name: "outbox",
  async start() {
    await measuring.start();
    relaying = relay(stopping.signal);
  },
  async stop() {
    stopping.abort();
    await relaying?.catch(() => undefined);
    await measuring.stop();
  },
};
