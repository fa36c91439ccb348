/** Revocations of access tokens, which every service fetches. */
import { createHash } from "node:crypto";
import { eq, gt, lte } from "drizzle-orm";
import type { Application } from "#chassis/application.ts";
import { background } from "#chassis/background.ts";
import type { Database, Transaction } from "#chassis/database.ts";
import { replaceRevocations } from "#chassis/revocations.ts";
import { settings } from "#chassis/settings.ts";
import { revocations } from "../schema/accounts.ts";

/** How much longer than a token its revocation is listed. */
const MARGIN_SECONDS = 300;

const POLL_MS = 20_000;

export const lifespan = ({ database }: Application) =>
  background("revocation polling", POLL_MS, () => loadRevocations(database));

export async function loadRevocations(database: Database): Promise<void> {
  replaceRevocations(Object.entries(await findRevocations(database)));
}

const hashOf = (accountId: string) => createHash("sha256").update(accountId).digest("hex");

const relevant = () =>
  new Date(Date.now() - (settings().ACCESS_TOKEN_SECONDS + MARGIN_SECONDS) * 1000);

/** Revokes all access tokens of an account, which the caller has locked. */
export async function revokeTokens(tx: Transaction, accountId: string): Promise<void> {
  const revoked_at = new Date();
  await tx
    .insert(revocations)
    .values({ account_hash: hashOf(accountId), revoked_at })
    .onConflictDoUpdate({ target: revocations.account_hash, set: { revoked_at } });
}

/** Returns the `iat` of a new token: now, or the second after a revocation. */
export async function nextIssue(tx: Transaction, accountId: string): Promise<number> {
  const [row] = await tx
    .select()
    .from(revocations)
    .where(eq(revocations.account_hash, hashOf(accountId)));
  return Math.max(seconds(new Date()), row ? seconds(row.revoked_at) + 1 : 0);
}

/** Returns hashes of accounts, and until when the tokens of each were revoked. */
export async function findRevocations(database: Database): Promise<Record<string, number>> {
  const rows = await database
    .select()
    .from(revocations)
    .where(gt(revocations.revoked_at, relevant()));
  return Object.fromEntries(rows.map((row) => [row.account_hash, seconds(row.revoked_at)]));
}

/** Deletes revocations of tokens that have expired. */
export async function pruneRevocations(database: Database): Promise<void> {
  await database.delete(revocations).where(lte(revocations.revoked_at, relevant()));
}

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000);
