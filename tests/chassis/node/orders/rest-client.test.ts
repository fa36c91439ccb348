import assert from "node:assert/strict";
import { once } from "node:events";
import { beforeEach, mock, test } from "node:test";
import { z } from "zod";
import { context, DEADLINE_HEADER } from "#chassis/context.ts";
import { type Client, createClient, Refused, Unavailable } from "#chassis/rest-client.ts";
import { createResource, stamps } from "#chassis/rest-resource.ts";
import { settings } from "#chassis/settings.ts";
import { fakeEndpoint, fakeService, granted } from "#chassis/testing/fake-services.ts";

const URL_OF_SHOP = "http://shop.test:8000";
const ITEM = {
  id: "3f2b8c1e-7a4d-4e6f-9b0a-1c2d3e4f5a6b",
  version: 1,
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.000Z",
  name: "nail",
};

const deadline = Date.now() + 60_000;

let requests: Request[];
let call: Client;

beforeEach(() => {
  requests = [];
  // A client of its own, with a closed circuit.
  call = createClient("shop", () => URL_OF_SHOP, { internal: true });
});

/** Answers one request after the other with these statuses, and then with 200. */
function answer(...statuses: number[]): void {
  fakeService(URL_OF_SHOP, (request) => {
    requests.push(request);
    return Response.json(ITEM, { status: statuses[requests.length - 1] ?? 200 });
  });
}

function items() {
  const name = z.string();
  return createResource({
    call,
    path: "/items",
    read: z.object({ ...stamps, name }),
    create: z.object({ name }),
  });
}

test("a call passes on who calls and why", async () => {
  answer();
  await context.run({ correlationId: "abc", token: "token", deadline }, () => items().get(ITEM.id));
  const [request] = requests;
  assert.equal(request?.url, `${URL_OF_SHOP}/items/${ITEM.id}`);
  assert.equal(request?.headers.get("X-Request-ID"), "abc");
  assert.equal(request?.headers.get("Authorization"), "Bearer token");
});

test("answers are typed", async () => {
  answer();
  assert.equal((await items().get(ITEM.id))?.name.toUpperCase(), "NAIL");
  assert.equal((await items().create({ name: "nail" })).version.toFixed(0), "1");
});

test("reading is tried three times", async () => {
  answer(503, 502);
  assert.deepEqual(await items().get(ITEM.id), ITEM);
  assert.equal(requests.length, 3);
  answer(503, 503, 503, 503, 503, 503);
  await assert.rejects(items().list(), Unavailable);
  assert.equal(requests.length, 6);
});

test("creating is tried once", async () => {
  answer(503);
  await assert.rejects(items().create({ name: "nail" }), Unavailable);
  assert.equal(requests.length, 1);
});

test("after five failures in a row nothing is asked for a while", async () => {
  answer(...Array<number>(9).fill(503));
  for (let i = 0; i < 7; i++) await assert.rejects(items().create({ name: "nail" }), Unavailable);
  assert.equal(requests.length, 5);
});

test("an answer of another shape is none", async () => {
  fakeService(URL_OF_SHOP, () => Response.json({ name: 1 }));
  await assert.rejects(items().get(ITEM.id), Unavailable);
});

test("what is not there is undefined, and what is refused an error", async () => {
  answer(404, 404, 412);
  assert.equal(await items().get(ITEM.id), undefined);
  assert.equal(await items().exists(ITEM.id), false);
  await assert.rejects(
    items().update(ITEM.id, { name: "screw" }, '"1"'),
    (error) => error instanceof Refused && error.answer === 412,
  );
  assert.equal(requests[2]?.headers.get("If-Match"), '"1"');
});

test("a call and its retries end with the deadline, which is passed on", async () => {
  answer(503, 503);
  const start = Date.now();
  await context.run({ correlationId: "abc", deadline: start + 900 }, () =>
    assert.rejects(items().get(ITEM.id), Unavailable),
  );
  assert.equal(requests.length, 1);
  const passedOn = Number(requests[0]?.headers.get(DEADLINE_HEADER));
  assert.ok(passedOn > 0 && passedOn <= 900, String(passedOn));
});

test("a slow service is not waited for beyond the deadline", async () => {
  fakeService(URL_OF_SHOP, async (request) => {
    await once(request.signal, "abort");
    throw request.signal.reason;
  });
  const start = Date.now();
  await context.run({ correlationId: "abc", deadline: start + 100 }, () =>
    assert.rejects(items().get(ITEM.id), Unavailable),
  );
  assert.ok(Date.now() - start < 1900);
});

test("nothing is called after the deadline", async () => {
  answer();
  await context.run({ correlationId: "abc", deadline: Date.now() - 1 }, () =>
    assert.rejects(items().get(ITEM.id), Unavailable),
  );
  assert.equal(requests.length, 0);
});

test("the outside world learns nothing of the caller", async () => {
  answer();
  const outside = createClient("stripe", () => URL_OF_SHOP);
  const caller = { correlationId: "abc", token: "token", deadline: Date.now() + 5000 };
  await context.run(caller, () => outside({ method: "GET", path: "/charges" }));
  assert.equal(requests[0]?.headers.get(DEADLINE_HEADER), null);
  assert.equal(requests[0]?.headers.get("Authorization"), null);
  assert.equal(requests[0]?.headers.get("X-Request-ID"), null);
});

test("what a lost answer deleted is deleted", async () => {
  answer(503, 404);
  await items().delete(ITEM.id);
  assert.equal(requests.length, 2);
  requests = [];
  answer(404);
  await assert.rejects(items().delete(ITEM.id), Refused);
});

test("one call finds out whether a service is back", async () => {
  mock.timers.enable({ apis: ["Date"] });
  answer(...Array<number>(99).fill(500));
  for (let i = 0; i < 5; i++) await assert.rejects(items().get(ITEM.id), Unavailable);
  requests = [];
  mock.timers.tick(11_000);
  const calls = Array.from({ length: 50 }, () => items().get(ITEM.id));
  const results = await Promise.allSettled(calls);
  assert.equal(requests.length, 1);
  assert.ok(results.every(({ status }) => status === "rejected"));
  mock.timers.reset();
});

const sent = () => requests.map((request) => request.headers.get("Authorization"));

test("a call that no user causes carries the token of the service, fetched once", async () => {
  answer();
  await Promise.all([items().get(ITEM.id), items().get(ITEM.id)]);
  const actor = { type: "service_account", id: "bills" };
  await context.run({ correlationId: "", token: "of bills", actor, deadline }, () =>
    items().get(ITEM.id),
  );
  assert.deepEqual(sent(), Array(3).fill("Bearer token-0"));
  assert.deepEqual(granted, ["token-0"]);
});

test("an anonymous request lends no token", async () => {
  answer();
  await context.run({ correlationId: "", deadline }, () => items().get(ITEM.id));
  assert.deepEqual(sent(), [null]);
});

test("a refused token is replaced once", async () => {
  answer(401, 401);
  await assert.rejects(items().list(), Refused);
  assert.deepEqual(sent(), ["Bearer token-0", "Bearer token-1"]);
});

test("a token is replaced before it expires, and without one there is no call", async (t) => {
  answer();
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 890_000 });
  await items().get(ITEM.id);
  assert.deepEqual(sent(), ["Bearer token-2"]);
  t.mock.timers.setTime(Date.now() + 890_000);
  fakeEndpoint(settings().TOKEN_URL, () => new Response(null, { status: 401 }));
  await assert.rejects(items().get(ITEM.id), Unavailable);
  assert.equal(requests.length, 1);
});
