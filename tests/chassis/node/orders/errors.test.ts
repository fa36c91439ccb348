import assert from "node:assert/strict";
import { test } from "node:test";
import { DrizzleQueryError } from "drizzle-orm";
import type { NextFunction, Request, Response } from "express";
import { errorHandler } from "#chassis/database-errors.ts";
import { Problem } from "#chassis/problems.ts";
import { startDatabase } from "#chassis/testing/database.ts";
import { repository } from "../../src/resources/order.ts";

const database = await startDatabase();

function withCode(code: string): Error {
  return Object.assign(new Error("refused"), { code, column: "total", constraint: "ck_total" });
}

async function handled(error: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    errorHandler(error, {} as Request, {} as Response, resolve as NextFunction);
  });
}

for (const [code, status, words] of [
  ["23502", 422, "The request is not valid"],
  ["23505", 409, "taken"],
  ["23503", 409, "refers to this one"],
  ["23514", 422, "ck_total"],
  ["23P01", 409, "ck_total"],
] as const) {
  test(`a constraint has its own answer: ${code}`, async () => {
    const broken = repository.change(database, () => {
      throw new DrizzleQueryError("insert", [], withCode(code));
    });
    await assert.rejects(broken, (error) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.status, status);
      assert.match(error.message, new RegExp(words));
      return true;
    });
  });
}

test("the database is away", async () => {
  for (const code of ["ECONNREFUSED", "57P01", "53300", "40P01"]) {
    const error = await handled(new DrizzleQueryError("select", [], withCode(code)));
    assert.ok(error instanceof Problem);
    assert.equal(error.status, 503);
  }
});

test("other errors are not the database's", async () => {
  const fetching = new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") });
  for (const error of [fetching, withCode("ENOENT"), withCode("ETIMEDOUT")]) {
    assert.equal(await handled(error), error);
  }
});
