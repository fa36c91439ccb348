import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { startClient } from "#chassis/testing/client.ts";

const SMALL = 150;
const FACTOR = 10;
const LARGEST_ANSWER = 8000;

interface Asked {
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const numbers = (n: number) => Array.from({ length: n }, (_, number) => number);
const unknown = (n: number) => numbers(n).map((number) => [`unknown_${number}`, `${number}`]);
const nested = (n: number): unknown => numbers(n).reduce<unknown>((value) => [{ a: value }], 1);

const REQUESTS: Record<string, (n: number) => Asked> = {
  keys: (n) => ({ body: Object.fromEntries(unknown(n)) }),
  "length of a key": (n) => ({ body: { ["x".repeat(20 * n)]: 1 } }),
  "length of a value": (n) => ({
    body: { item_id: "x".repeat(20 * n), total: "9".repeat(10 * n) },
  }),
  items: (n) => ({ body: { item_id: numbers(n), total: Array(n).fill("x") } }),
  depth: (n) => ({ body: { item_id: nested(n) } }),
  parameters: (n) => ({ query: `${new URLSearchParams(Object.fromEntries(unknown(n / 10)))}` }),
  "length of a parameter": (n) => ({ query: `sort=${"x,".repeat(3 * n)}` }),
  "a parameter many times": (n) => ({ query: "item_id=x&".repeat(n / 2) }),
  "length of a header": (n) => ({ headers: { "If-Match": '"'.repeat(8 * n) } }),
};

const client = await startClient();
const { paths } = (await (await client("GET", "/openapi.json")).json()) as {
  paths: Record<string, object>;
};

for (const [growing, request] of Object.entries(REQUESTS)) {
  test(`work is bounded by the request: ${growing}`, async () => {
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        await cost(method, path, request(10));
        const small = await cost(method, path, request(SMALL));
        const large = await cost(method, path, request(SMALL * FACTOR));
        assert.ok(
          large < 3 * FACTOR * Math.max(small, 5),
          `${method} ${path}: ${small}, ${large} ms`,
        );
      }
    }
  });
}

/** Return the milliseconds of CPU time that a request takes, here and in the service. */
async function cost(method: string, path: string, { query = "", body, headers }: Asked) {
  const target = `${path.replace("{order_id}", randomUUID())}?${query}`;
  const start = process.cpuUsage();
  const sent = method === "get" ? undefined : body;
  const response = await client(method.toUpperCase(), target, sent, headers);
  const text = await response.text();
  const { user, system } = process.cpuUsage(start);
  assert.ok(response.status < 500, text);
  assert.ok(text.length < LARGEST_ANSWER, text.slice(0, 200));
  return (user + system) / 1000;
}
