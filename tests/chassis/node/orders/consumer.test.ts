import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { defineMessage, type Event } from "#chassis/cloudevents.ts";
import { consume, RETRIES } from "#chassis/consumer.ts";
import { context } from "#chassis/context.ts";
import { handler } from "#chassis/message-handler.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { MemoryBroker } from "#chassis/testing/memory-broker.ts";
import { createApp } from "../../src/main.ts";

const ping = defineMessage({
  type: "test.ping",
  exchange: "events",
  data: z.object({ number: z.int() }),
});
type Ping = Event<{ number: number }>;

const queue = "orders.events";
let broker: MemoryBroker;

const database = await startDatabase();

beforeEach(() => {
  broker = new MemoryBroker();
});

function consumeWith(handle: (event: Ping) => Promise<void>): void {
  consume(createApp({ database, broker }), {
    queue,
    handlers: [handler({ message: ping, handle })],
  });
}

/** Puts a message, or any other text, into the queue; resolves when it has been dealt with. */
async function deliver(content: unknown, messageId: string): Promise<void> {
  const body = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  await broker.publish({ exchange: "queues", routingKey: queue, messageId, body });
  await broker.settled();
}

function deliverPing(number: number): Promise<void> {
  const { envelope } = ping({ number });
  return deliver(envelope, envelope.id);
}

test("a message is handled within its own context, and is gone", async () => {
  const handled: unknown[] = [];
  consumeWith(async ({ type, data }) => {
    handled.push({ type, ...data, ...context.getStore() });
    const { authtype, authid } = ping({ number: 8 }).envelope;
    handled.push({ authtype, authid });
  });
  const { envelope } = ping({ number: 7 });
  assert.equal(envelope.authtype, "system");
  const cause = { correlationid: "abc", authtype: "app_user", authid: "ann" };
  await deliver({ ...envelope, ...cause, unknown: true }, envelope.id);
  const actor = { type: "app_user", id: "ann" };
  assert.deepEqual(handled, [
    { type: "test.ping", number: 7, correlationId: "abc", actor },
    { authtype: "app_user", authid: "ann" },
  ]);
  assert.deepEqual(broker.messages(queue), []);
});

test("a message that could not be handled is tried again later", async () => {
  let tries = 0;
  consumeWith(async () => {
    tries += 1;
    if (tries < 3) throw new Error("not yet");
  });
  await deliverPing(1);
  assert.equal(tries, 1);
  const [waiting] = broker.messages(`${queue}.retry.1`);
  assert.deepEqual(waiting?.headers, { "x-attempt": 1 });
  await broker.expire(queue);
  assert.equal(broker.messages(`${queue}.retry.2`).length, 1);
  await broker.expire(queue);
  assert.equal(tries, 3);
  assert.deepEqual(broker.messages(`${queue}.dead`), []);
});

test("a message that fails every time is put aside, with the reason", async () => {
  let tries = 0;
  consumeWith(async () => {
    tries += 1;
    throw new Error("never");
  });
  await deliverPing(1);
  for (let retry = 0; retry < RETRIES; retry++) await broker.expire(queue);
  assert.equal(tries, 1 + RETRIES);
  const [dead] = broker.messages(`${queue}.dead`);
  assert.deepEqual(dead?.headers, { "x-error": "Error: never" });
});

test("what is no message, or has other data, is put aside at once", async () => {
  consumeWith(() => assert.fail("this must not be handled"));
  const { envelope } = ping({ number: 1 });
  await deliver("{", "1");
  await deliver({ ...envelope, id: undefined }, "2");
  await deliver({ ...envelope, data: { number: "one" } }, "3");
  const dead = broker.messages(`${queue}.dead`);
  assert.deepEqual(
    dead.map(({ messageId }) => messageId),
    ["1", "2", "3"],
  );
});

test("a message of a type that nobody handles is ignored", async () => {
  consumeWith(() => assert.fail("this must not be handled"));
  const { envelope } = ping({ number: 1 });
  await deliver({ ...envelope, type: "test.pong" }, envelope.id);
  assert.deepEqual(broker.messages(queue), []);
  assert.deepEqual(broker.messages(`${queue}.dead`), []);
});

test("a message that can be moved nowhere stays in its queue", async () => {
  consumeWith(async () => {
    broker.down = true;
    throw new Error("no");
  });
  await deliverPing(1);
  assert.equal(broker.messages(queue).length, 1);
});
