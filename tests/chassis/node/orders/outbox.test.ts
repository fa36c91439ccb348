import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { defineMessage, readEnvelope } from "#chassis/cloudevents.ts";
import { context } from "#chassis/context.ts";
import { transaction } from "#chassis/database.ts";
import { publish, relayBatch } from "#chassis/outbox.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { MemoryBroker } from "#chassis/testing/memory-broker.ts";

const ping = defineMessage({
  type: "test.ping",
  exchange: "events",
  data: z.object({ number: z.int() }),
});

let broker: MemoryBroker;

const database = await startDatabase();
const relay = () => relayBatch({ database, broker });

beforeEach(async () => {
  broker = new MemoryBroker();
  await database.delete(outbox);
});

function publishedNumbers(): unknown[] {
  return broker.published.map(({ body }) => readEnvelope(body).data);
}

test("messages of a committed transaction are published in order, and then forgotten", async () => {
  await transaction(database, async (tx) => {
    for (const number of [1, 2, 3]) await publish(tx, ping({ number }));
  });
  assert.equal(await relay(), 3);
  assert.deepEqual(publishedNumbers(), [{ number: 1 }, { number: 2 }, { number: 3 }]);
  assert.equal(await relay(), 0);
});

test("a transaction that is rolled back publishes nothing", async () => {
  const failing = transaction(database, async (tx) => {
    await publish(tx, ping({ number: 1 }));
    throw new Error("no");
  });
  await assert.rejects(failing, /no/);
  assert.equal(await relay(), 0);
});

test("what the broker does not confirm is kept", async () => {
  await transaction(database, (tx) => publish(tx, ping({ number: 1 })));
  broker.down = true;
  await assert.rejects(relay());
  assert.equal(await database.$count(outbox), 1);
  broker.down = false;
  await relay();
  assert.deepEqual(publishedNumbers(), [{ number: 1 }]);
});

test("a message is a CloudEvent of the request that caused it", async () => {
  await context.run({ correlationId: "abc" }, () =>
    transaction(database, (tx) => publish(tx, ping({ number: 1 }))),
  );
  await relay();
  const [publication] = broker.published;
  assert.ok(publication);
  const envelope = readEnvelope(publication.body);
  assert.equal(publication.exchange, "events");
  assert.equal(publication.routingKey, "test.ping");
  assert.equal(publication.messageId, envelope.id);
  assert.equal(envelope.specversion, "1.0");
  assert.equal(envelope.correlationid, "abc");
});

test("data that the description does not allow is no message", () => {
  assert.throws(() => ping({ number: 0.5 }), z.ZodError);
});
