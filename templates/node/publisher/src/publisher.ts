import { broker } from "./broker.ts";
import type { Message } from "./cloudevents.ts";
import { Problem } from "./problems.ts";
import { published } from "./published.ts";

/** Resolves when the broker has stored the message; rejects in bounded time, with a 503, when it has not. */
export async function publish({ exchange, envelope }: Message): Promise<void> {
  try {
    await broker.publish({
      exchange,
      routingKey: envelope.type,
      messageId: envelope.id,
      body: Buffer.from(JSON.stringify(envelope)),
    });
  } catch (cause) {
    const headers = { "Retry-After": "5" };
    throw new Problem(503, "The message broker is not available.", { headers, cause });
  }
  published.inc({ type: envelope.type });
}
