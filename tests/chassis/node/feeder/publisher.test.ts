import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMessage, readEnvelope } from "#chassis/cloudevents.ts";
import { publish } from "#chassis/publisher.ts";
import { MemoryBroker } from "#chassis/testing/memory-broker.ts";

const ping = defineMessage({
  type: "test.ping",
  exchange: "events",
  data: z.object({ number: z.int() }),
});

test("a message is published as a CloudEvent", async () => {
  const broker = new MemoryBroker();
  await publish(broker, ping({ number: 1 }));
  const [publication] = broker.published;
  assert.ok(publication);
  const envelope = readEnvelope(publication.body);
  assert.equal(publication.routingKey, "test.ping");
  assert.equal(publication.messageId, envelope.id);
  assert.deepEqual(envelope.data, { number: 1 });
});

test("without a broker whoever publishes gets a 503", async () => {
  const broker = new MemoryBroker();
  broker.down = true;
  await assert.rejects(publish(broker, ping({ number: 1 })), { status: 503 });
});
