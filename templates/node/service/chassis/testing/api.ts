import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import type { Express } from "express";
import { createApp } from "../app.ts";

/** What JSON objects look like to tests. */
export type Json = Record<string, unknown>;

/** Serves an app on a free port until the tests of the file are done; returns its base URL. */
export async function serve(app: Express = createApp()): Promise<string> {
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The problem that an answer is, which must have this status. */
export async function problem(response: Response, status: number): Promise<Json> {
  const body = (await response.json()) as Json;
  assert.equal(response.status, status, JSON.stringify(body));
  assert.equal(response.headers.get("Content-Type"), "application/problem+json");
  assert.equal(body.status, status);
  return body;
}

/** The fields that a 422 complains of. */
export async function wrongFields(response: Response): Promise<unknown[]> {
  const { errors } = await problem(response, 422);
  return (errors as Json[]).map(({ field }) => field);
}
