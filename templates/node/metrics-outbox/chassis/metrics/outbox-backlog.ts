/** What waits in the outbox. */
import { count, min } from "drizzle-orm";
import { Gauge } from "prom-client";
import type { Application } from "../application.ts";
import { background } from "../background.ts";
import type { Database } from "../database.ts";
import { outbox } from "../schema/outbox.ts";
import { registry } from "./registry.ts";

const INTERVAL_MS = 5000;

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

export async function measureOutbox(database: Database): Promise<void> {
  const oldest = min(outbox.created_at);
  const [row] = await database.select({ rows: count(), oldest }).from(outbox);
  waiting.set(row?.rows ?? 0);
  oldestAge.set(row?.oldest ? (Date.now() - row.oldest.getTime()) / 1000 : 0);
}

export const lifespan = ({ database }: Application) =>
  background("outbox measurement", INTERVAL_MS, () => measureOutbox(database));
