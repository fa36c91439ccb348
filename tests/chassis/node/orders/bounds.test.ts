import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import express from "express";
import { z } from "zod";
import type { Application } from "#chassis/application.ts";
import { publicFields } from "#chassis/crud.ts";
import { problemHandler } from "#chassis/problems.ts";
import { createRouter, route } from "#chassis/route.ts";
import { type Json, problem, serve } from "#chassis/testing/app.ts";
import { startClient } from "#chassis/testing/client.ts";

const client = await startClient();

test("an answer has at most 20 short errors, and is small however many there are", async () => {
  const body = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`unknown_${n}`, n]));
  const { errors } = await problem(await client("POST", "/orders", body), 422);
  assert.equal((errors as Json[]).length, 20);
  assert.ok(JSON.stringify(errors).length < 4000);
  const long = await problem(await client("POST", "/orders", { ["x".repeat(60_000)]: 1 }), 422);
  assert.ok(JSON.stringify(long.errors).length < 4000);
});

test("a body of more than 64 KiB is refused, where the route does not say more", async () => {
  await problem(await client("POST", "/orders", { note: "x".repeat(65_536) }), 413);
  const router = createRouter();
  const operation = { method: "post", id: "large", summary: "Large", tag: "test" } as const;
  route(
    router,
    { ...operation, path: "/large", body: z.string(), bodyBytes: 100_000, open: true },
    async ({ body }, response) => void response.json(body.length),
  );
  const app = express().use(router, problemHandler);
  app.locals.app = {} as Application;
  const url = await serve(app);
  const post = (length: number) => {
    const headers = { "Content-Type": "application/json" };
    return fetch(`${url}/large`, {
      method: "POST",
      headers,
      body: JSON.stringify("x".repeat(length)),
    });
  };
  assert.equal(await (await post(90_000)).json(), 90_000);
  await problem(await post(110_000), 413);
});

test("columns that the schema does not name are not published", () => {
  const row = { id: randomUUID(), secret: "x" };
  assert.deepEqual(publicFields(z.object({ id: z.string() }), row), { id: row.id });
});
