import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { lifespan as discovery, fetch } from "#chassis/discovery.ts";
import { Registry } from "#chassis/testing/fake-registry.ts";
import { until } from "#chassis/testing/until.ts";

const url = new URL("http://stock:8000/things");

class Instance {
  requests = 0;
  port = 0;
  readonly #server = createServer((_request, response) => {
    this.requests += 1;
    response.setHeader("Connection", "close").end();
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
  }
}

/** Whether an instance answers, or what is said instead. */
async function outcome(): Promise<string> {
  return fetch(url, {}).then(
    () => "answered",
    (error: Error) => error.message,
  );
}

const lifespan = discovery();
const registry = new Registry();
const [first, second] = [new Instance(), new Instance()];

before(async () => {
  await registry.start();
  await first.start();
  await second.start();
  registry.has(first.port, second.port);
  await lifespan.start();
  await until(async () => (await outcome()) === "answered");
});

after(async () => {
  await lifespan.stop();
  registry.stop();
  first.stop();
  second.stop();
});

test("instances take turns", async () => {
  first.requests = second.requests = 0;
  for (let i = 0; i < 10; i++) await fetch(url, { method: "POST" });
  assert.deepEqual([first.requests, second.requests], [5, 5]);
});

test("one that is gone is passed over, and then forgotten", async () => {
  first.stop();
  second.requests = 0;
  for (let i = 0; i < 4; i++) await fetch(url, { method: "POST" });
  assert.equal(second.requests, 4);
});

test("that there is none is believed after a while", { timeout: 20_000 }, async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  registry.has();
  await delay(50);
  assert.equal(await outcome(), "answered");
  while (!/^no instance/.test(await outcome())) {
    t.mock.timers.tick(5000);
    registry.has();
    await delay(50);
  }
});
