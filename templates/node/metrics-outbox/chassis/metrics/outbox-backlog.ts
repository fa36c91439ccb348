/** The backlog of the outbox. */
import { count, isNotNull, isNull, min } from "drizzle-orm";
import { Gauge } from "prom-client";
import type { Application } from "../application.ts";
import { background } from "../background.ts";
import type { Database } from "../database.ts";
import { outbox } from "../schema/outbox.ts";
import { registry } from "./registry.ts";

const INTERVAL_MS = 5000;

const waiting = new Gauge({
  name: "outbox_messages",
  help: "Messages to be published",
  registers: [registry],
});

const parked = new Gauge({
  name: "outbox_parked_messages",
  help: "Messages that the broker refused too often to be tried again",
  registers: [registry],
});

const oldestAge = new Gauge({
  name: "outbox_oldest_message_age_seconds",
  help: "Age of the oldest of them",
  registers: [registry],
});

export async function measureOutbox(database: Database): Promise<void> {
  const oldest = min(outbox.created_at);
  const [row] = await database
    .select({ rows: count(), oldest })
    .from(outbox)
    .where(isNull(outbox.parked_at));
  parked.set(await database.$count(outbox, isNotNull(outbox.parked_at)));
  waiting.set(row?.rows ?? 0);
  oldestAge.set(row?.oldest ? (Date.now() - row.oldest.getTime()) / 1000 : 0);
}

export const lifespan = ({ database }: Application) =>
  background("outbox measurement", INTERVAL_MS, () => measureOutbox(database));
