import { broker } from "./broker.ts";
import type { Message } from "./cloudevents.ts";
import { published } from "./published.ts";

/** Resolves when the broker has stored the message; rejects, within seconds, when it has not. */
export async function publish({ exchange, envelope }: Message): Promise<void> {
  await broker.publish({
    exchange,
    routingKey: envelope.type,
    messageId: envelope.id,
    body: Buffer.from(JSON.stringify(envelope)),
  });
  published.inc({ type: envelope.type });
}
