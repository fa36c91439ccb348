/**
 * Idempotent requests: a request that is repeated with the same `Idempotency-Key` gets the response of the first one, and has
 * no second effect. The response is stored in the transaction of the effect, so that a crash loses both or none.
 */
import { hash } from "node:crypto";
import { eq, lt, sql } from "drizzle-orm";
import type { Request } from "express";
import { z } from "zod";
import type { Application } from "./application.ts";
import { background } from "./background.ts";
import { context } from "./context.ts";
import type { Database, Transaction } from "./database.ts";
import { invalid, Problem } from "./problems.ts";
import { type Answer, rawBody } from "./route.ts";
import { idempotencyKeys } from "./schema/idempotency-keys.ts";

const HOUR_MS = 3_600_000;
/** Larger responses are not stored. */
const MAX_BYTES = 1_048_576;

export const IdempotencyKey = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(255)
    .nullish()
    .describe("A repeated request with the same key has no second effect (24 hours)."),
});

/** A string of RFC 9651, or the same characters without quotes. */
const KEY = /^(?:"([\x20!#-[\]-~]{1,255})"|([!#-[\]-~]{1,255}))$/;

interface Keyed {
  id: string;
  fingerprint: string;
}

/** Undefined without the header; respond with 422 if it is malformed. */
function keyOf(request: Request): Keyed | undefined {
  const given = request.get("Idempotency-Key");
  if (given === undefined) return undefined;
  const [, quoted, plain] = KEY.exec(given) ?? [];
  const key = quoted ?? plain;
  if (!key) {
    const message = "Must be a string of 1 to 255 ASCII characters";
    throw invalid({ field: "header.idempotency-key", message });
  }
  const { method, originalUrl } = request;
  const [path, query = ""] = originalUrl.split("?", 2);
  const caller = context.getStore()?.caller?.id ?? "";
  const sent = Buffer.concat([Buffer.from(`${query}\n`), rawBody(request)]);
  const id = hash("sha256", JSON.stringify([caller, method, path, key]));
  return { id, fingerprint: hash("sha256", sent) };
}

/** Return the stored response to the request, if there is one; respond with 422 if the key belongs to another request. */
export async function storedAnswer(
  database: Database | Transaction,
  request: Request,
): Promise<Answer | undefined> {
  const key = keyOf(request);
  return key && find(database, key);
}

async function find(database: Database | Transaction, key: Keyed): Promise<Answer | undefined> {
  const [row] = await database.select().from(idempotencyKeys).where(eq(idempotencyKeys.id, key.id));
  if (row && row.fingerprint !== key.fingerprint) {
    throw new Problem(422, "This Idempotency-Key belongs to a request with another content.");
  }
  return row;
}

type Work = (tx: Transaction) => Promise<Answer>;

/** Return `work`, which is skipped if the response to the request is stored, and otherwise stores its response. */
export function idempotent(request: Request, work: Work): Work {
  const key = keyOf(request);
  if (!key) return work;
  return async (tx) => {
    if (!(await lock(tx, key))) {
      throw new Problem(409, "The first request with this Idempotency-Key is still running.");
    }
    const known = await find(tx, key);
    if (known) return known;
    const answer = await work(tx);
    const body = Buffer.from(answer.body);
    if (body.byteLength > MAX_BYTES) {
      throw new Problem(422, "The response is too large for a request with an Idempotency-Key.");
    }
    await tx.insert(idempotencyKeys).values({ ...key, ...answer, body });
    return answer;
  };
}

/** Lock the key until the transaction ends; return false if another transaction has it. */
async function lock(tx: Transaction, { id }: Keyed): Promise<boolean> {
  const number = Buffer.from(id, "hex").readBigInt64BE();
  const [row] = await tx
    .select({ locked: sql<boolean>`pg_try_advisory_xact_lock(${String(number)}::bigint)` })
    .from(sql`(select 1) as one`);
  return row?.locked ?? false;
}

/** Delete responses that are older than a day. */
export async function prune(database: Database): Promise<void> {
  const old = lt(idempotencyKeys.created_at, sql`now() - interval '24 hours'`);
  await database.delete(idempotencyKeys).where(old);
}

export const lifespan = ({ database }: Application) =>
  background("idempotency keys", HOUR_MS, () => prune(database));
