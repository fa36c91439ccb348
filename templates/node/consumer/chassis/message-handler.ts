import type { z } from "zod";
import type { Envelope, Event, MessageType } from "./cloudevents.ts";
import type { Effect, Scope } from "./effects.ts";

/** Handles the messages of one type. */
export interface Handler {
  readonly type: string;
  /** Validate the data of a message; return what handles it. */
  prepare(envelope: Envelope): Effect;
}

/** A queue and the handlers of its messages. */
export interface Subscription {
  readonly queue: string;
  readonly handlers: readonly Handler[];
}

interface Handling<Schema extends z.ZodType> {
  message: MessageType<Schema>;
  handle: (event: Event<z.output<Schema>>, ...scope: Scope) => Promise<void>;
}

export function handler<Schema extends z.ZodType>(handling: Handling<Schema>): Handler {
  const { type, schema } = handling.message;
  return {
    type,
    prepare(envelope) {
      const event = { ...envelope, data: schema.parse(envelope.data) };
      return (...scope) => handling.handle(event, ...scope);
    },
  };
}
