import { type Broker, type Delivery, MessageRefused, type Publication } from "../broker.ts";

interface Queued extends Delivery {
  readonly routingKey: string;
}

/** A broker in memory. It delivers at once; a message waits in a retry queue until `expire`. */
export class MemoryBroker implements Broker {
  /** All published messages, in order. */
  readonly published: Publication[] = [];
  /** Whether every operation fails, as without a connection. */
  down = false;
  /** Whether a message is refused. */
  refuses: (publication: Publication) => boolean = () => false;
  readonly #queues = new Map<string, Queued[]>();
  readonly #consumers = new Map<string, (delivery: Delivery) => Promise<void>>();
  readonly #inHand = new Set<Promise<void>>();

  async connected(): Promise<void> {
    if (this.down) throw new Error("the broker is down");
  }

  async publish(publication: Publication): Promise<void> {
    await this.connected();
    if (this.refuses(publication)) throw new MessageRefused("refused by the test");
    const { exchange, routingKey, messageId, headers = {}, body } = publication;
    this.published.push(publication);
    const subscribed = [...this.#consumers.keys()].filter((queue) => queue.endsWith(".events"));
    for (const queue of exchange === "events" ? subscribed : [routingKey]) {
      this.messages(queue).push({ routingKey, messageId, headers, body });
      this.#deliver(queue);
    }
  }

  consume(queue: string, receive: (delivery: Delivery) => Promise<void>): void {
    this.#consumers.set(queue, receive);
    this.#deliver(queue);
  }

  async cancel(): Promise<void> {
    this.#consumers.clear();
    await this.settled();
  }

  check(): Promise<void> {
    return this.connected();
  }

  close(): Promise<void> {
    return this.cancel();
  }

  /** The messages in a queue. */
  messages(queue: string): Queued[] {
    const messages = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, messages);
    return messages;
  }

  /** End the delay of every message in a retry queue; resolves when all are handled. */
  async expire(queue: string): Promise<void> {
    for (const [name, messages] of this.#queues) {
      if (!name.startsWith(`${queue}.retry.`)) continue;
      this.messages(queue).push(...messages.splice(0));
    }
    this.#deliver(queue);
    await this.settled();
  }

  /** Resolves when no message is in progress. */
  async settled(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand);
  }

  #deliver(queue: string): void {
    const receive = this.#consumers.get(queue);
    if (!receive) return;
    for (const message of this.messages(queue).splice(0)) {
      const handling = receive(message).catch(() => void this.messages(queue).push(message));
      this.#inHand.add(handling);
      handling.finally(() => this.#inHand.delete(handling));
    }
  }
}
