/** Tokens that are mailed to the owner of an address and work once. */
import { createHash, randomBytes } from "node:crypto";
import { and, eq, getTableColumns, gt, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "#chassis/database.ts";
import { accounts, mailedTokens } from "../schema/accounts.ts";
import type { Account } from "./schemas.ts";

/** Minimum time between two mails of a kind to an address. */
const PAUSE_MS = 60_000;

const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

const isIt = (token: string, kind: string) =>
  and(
    eq(mailedTokens.hash, sha256(token)),
    eq(mailedTokens.kind, kind),
    gt(mailedTokens.expires_at, sql`now()`),
  );

/** Returns a token, which replaces the last one, or undefined if that one is not a minute old. */
export async function issueMailedToken(
  tx: Transaction,
  account_id: string,
  kind: string,
  lifetimeMs: number,
): Promise<string | undefined> {
  const token = randomBytes(32).toString("base64url");
  const sent_at = new Date();
  const expires_at = new Date(sent_at.getTime() + lifetimeMs);
  const row = { hash: sha256(token), sent_at, expires_at };
  const issued = await tx
    .insert(mailedTokens)
    .values({ account_id, kind, ...row })
    .onConflictDoUpdate({
      target: [mailedTokens.account_id, mailedTokens.kind],
      set: row,
      setWhere: lte(mailedTokens.sent_at, new Date(sent_at.getTime() - PAUSE_MS)),
    })
    .returning();
  return issued.length > 0 ? token : undefined;
}

export async function isValidMailedToken(
  database: Database,
  token: string,
  kind: string,
): Promise<boolean> {
  return (await database.$count(mailedTokens, isIt(token, kind))) > 0;
}

/** Uses up a token. Returns its account, locked, or undefined if the token is not valid. */
export async function takeMailedToken(
  tx: Transaction,
  token: string,
  kind: string,
): Promise<Account | undefined> {
  const [account] = await tx
    .select(getTableColumns(accounts))
    .from(accounts)
    .innerJoin(mailedTokens, eq(mailedTokens.account_id, accounts.id))
    .where(isIt(token, kind))
    .for("update", { of: accounts });
  const used = await tx.delete(mailedTokens).where(isIt(token, kind)).returning();
  return used.length > 0 ? account : undefined;
}

/** Makes all tokens of an account invalid. */
export async function discardMailedTokens(tx: Transaction, accountId: string): Promise<void> {
  await tx.delete(mailedTokens).where(eq(mailedTokens.account_id, accountId));
}

/** Deletes tokens that have expired. */
export async function pruneMailedTokens(database: Database): Promise<void> {
  await database.delete(mailedTokens).where(lte(mailedTokens.expires_at, sql`now()`));
}
