import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { z } from "zod";
import { defineMessage, readEnvelope } from "#chassis/cloudevents.ts";
import { context } from "#chassis/context.ts";
import { transaction } from "#chassis/database.ts";
import { createRelay, publish } from "#chassis/outbox.ts";
import { outbox } from "#chassis/schema/outbox.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { MemoryBroker } from "#chassis/testing/memory-broker.ts";

const ping = defineMessage({
  type: "test.ping",
  exchange: "events",
  data: z.object({ number: z.int() }),
});

let broker: MemoryBroker;
let relay: () => Promise<number>;

const database = await startDatabase();

beforeEach(async () => {
  broker = new MemoryBroker();
  relay = createRelay({ database, broker });
  await database.delete(outbox);
});

/** Commits pings with these numbers, each about the subject. */
async function send(subject: string | undefined, ...numbers: number[]): Promise<void> {
  await transaction(database, async (tx) => {
    const options = subject === undefined ? {} : { subject };
    for (const number of numbers) await publish(tx, ping({ number }, options));
  });
}

/** Refuses the ping with this number. */
function refuse(number: number): void {
  broker.refuses = ({ body }) => body.includes(`"number":${number}`);
}

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

test("without a broker messages are kept, which is no attempt", async () => {
  await send(undefined, 1);
  broker.down = true;
  for (let i = 0; i < 11; i++) await assert.rejects(relay());
  const [row] = await database.select().from(outbox);
  assert.partialDeepStrictEqual(row, { attempts: 0, parked_at: null });
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

test("a lost connection within a batch is no attempt and keeps the order", async () => {
  await send("a", 1, 2, 3);
  const { publish: deliver } = broker;
  broker.publish = async (publication) => {
    if (broker.published.length === 1) broker.down = true;
    await deliver.call(broker, publication);
  };
  await assert.rejects(relay(), /down/);
  const rows = await database.select().from(outbox);
  assert.deepEqual(
    rows.map(({ attempts }) => attempts),
    [0, 0],
  );
  Object.assign(broker, { down: false, publish: deliver });
  await relay();
  assert.deepEqual(publishedNumbers(), [{ number: 1 }, { number: 2 }, { number: 3 }]);
});

test("a refused message holds back later ones of its aggregate only", async () => {
  await send("a", 1, 2);
  await send("b", 3);
  refuse(1);
  assert.equal(await relay(), 1);
  assert.deepEqual(publishedNumbers(), [{ number: 3 }]);
  const rows = await database.select().from(outbox).orderBy(outbox.position);
  assert.deepEqual(
    rows.map(({ aggregate, attempts }) => [aggregate, attempts]),
    [
      ["a", 1],
      ["a", 0],
    ],
  );
});

test("messages without a subject are ordered by their type", async () => {
  await send(undefined, 1, 2);
  refuse(1);
  assert.equal(await relay(), 0);
});

test("after ten attempts a message is parked, and later ones are published", async () => {
  mock.timers.enable({ apis: ["Date"] });
  await send("a", 1, 2);
  refuse(1);
  for (let attempt = 0; attempt < 10; attempt++) {
    await relay();
    assert.equal(await relay(), attempt < 9 ? 0 : 1);
    mock.timers.tick(1000 * 2 ** attempt);
  }
  mock.timers.reset();
  assert.deepEqual(publishedNumbers(), [{ number: 2 }]);
  const [row] = await database.select().from(outbox);
  assert.equal(row?.attempts, 10);
  assert.equal(row?.last_error, "refused by the test");
  assert.ok(row?.parked_at);
});

test("hundreds of held messages do not keep others waiting", async () => {
  await send("a", ...Array.from({ length: 150 }, (_, index) => index));
  await send("b", 999);
  refuse(0);
  assert.equal(await relay(), 0);
  assert.equal(await relay(), 1);
  assert.deepEqual(publishedNumbers(), [{ number: 999 }]);
});

test("data that the description does not allow is no message", () => {
  assert.throws(() => ping({ number: 0.5 }), z.ZodError);
});
