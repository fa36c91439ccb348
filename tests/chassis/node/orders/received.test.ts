import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { received } from "#chassis/fields.ts";

const schema = received(
  z.object({
    name: z.string().min(1),
    size: z.enum(["s", "m"]),
    colour: z.enum(["red"]).nullable().default(null),
    count: z.int().default(5),
  }),
);

test("a reader takes what other versions send", () => {
  assert.deepEqual(schema.parse({}), { colour: null, count: 5 });
  const newer = { name: "a", size: "xl", colour: "blue", count: 1 };
  assert.deepEqual(schema.parse({ ...newer, unknown: 1 }), newer);
});

test("a reader refuses what is wrong", () => {
  assert.equal(schema.safeParse({ name: "" }).success, false);
  assert.equal(schema.safeParse({ count: "many" }).success, false);
});
