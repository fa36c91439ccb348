import { TimeoutStrategy, timeout } from "cockatiel";
import type { Application } from "./application.ts";

const HANDLING_MS = 60_000;

/** What a handler gets besides the message. */
export type Scope = [];

export type Effect = (...scope: Scope) => Promise<void>;

const bounded = timeout(HANDLING_MS, TimeoutStrategy.Aggressive);

/** Run the effect of a message. Without a database it may run twice, after a crash. */
export async function takeEffect(
  _app: Application,
  _queue: string,
  _id: string,
  effect: Effect,
): Promise<boolean> {
  await bounded.execute(() => effect());
  return true;
}
