import { TimeoutStrategy, timeout } from "cockatiel";
import type { z } from "zod";
import type { Application } from "./application.ts";
import type { Envelope, Event, MessageType } from "./cloudevents.ts";

const HANDLING_MS = 60_000;

/** What a message does. */
export type Effect = () => Promise<void>;

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
  handle: (event: Event<z.output<Schema>>) => Promise<void>;
}

export function handler<Schema extends z.ZodType>(handling: Handling<Schema>): Handler {
  const { type, schema } = handling.message;
  return {
    type,
    prepare(envelope) {
      const event = { ...envelope, data: schema.parse(envelope.data) };
      return () => handling.handle(event);
    },
  };
}

const bounded = timeout(HANDLING_MS, TimeoutStrategy.Aggressive);

/** Has a message take its effect; without a database it may do so twice, after a crash. */
export async function takeEffect(
  _app: Application,
  _queue: string,
  _id: string,
  effect: Effect,
): Promise<boolean> {
  await bounded.execute(effect);
  return true;
}
