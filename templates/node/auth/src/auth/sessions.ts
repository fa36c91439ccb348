import { createHash, randomBytes, randomUUID } from "node:crypto";
import { eq, getTableColumns, lt, sql } from "drizzle-orm";
import { type JWTPayload, SignJWT } from "jose";
import { type Database, type Transaction, transaction } from "#chassis/database.ts";
import { logger } from "#chassis/logger.ts";
import { settings } from "#chassis/settings.ts";
import { signingKey } from "#chassis/signing-key.ts";
import { accounts, refreshTokens } from "../schema/accounts.ts";
import { nextIssue } from "./revocations.ts";
import type { Account } from "./schemas.ts";

/** How long a used token still works: the response may be lost, or two tabs refresh at once. */
const GRACE_MS = 10_000;

export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: "Bearer";
  expires_in: number;
}

const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

function accessToken({ id, roles }: Account, sid: string, issuedAt: number): Promise<string> {
  return sign(id, issuedAt, { sid, ...(roles.length > 0 && { roles }) });
}

/** Signs an access token of an account or a service. */
export function sign(subject: string, issuedAt: number, claims: JWTPayload): Promise<string> {
  const { keyId, privateKey } = signingKey();
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", kid: keyId, typ: "JWT" })
    .setIssuer(settings().TOKEN_ISSUER)
    .setAudience(settings().TOKEN_AUDIENCE)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + settings().ACCESS_TOKEN_SECONDS)
    .setJti(randomUUID())
    .sign(privateKey);
}

type Session = Pick<typeof refreshTokens.$inferSelect, "family" | "started_at">;

/** Issues tokens for an account, which the caller has locked. */
async function issue(tx: Transaction, account: Account, session: Session): Promise<Tokens> {
  const { family, started_at } = session;
  const { REFRESH_TOKEN_SECONDS, SESSION_SECONDS, ACCESS_TOKEN_SECONDS } = settings();
  const token = randomBytes(32).toString("base64url");
  const issued_at = new Date();
  const expiry = Math.min(
    issued_at.getTime() + REFRESH_TOKEN_SECONDS * 1000,
    started_at.getTime() + SESSION_SECONDS * 1000,
  );
  const lifetime = { started_at, issued_at, expires_at: new Date(expiry) };
  const row = { hash: sha256(token), family, account_id: account.id, ...lifetime };
  await tx.insert(refreshTokens).values(row);
  return {
    access_token: await accessToken(account, family, await nextIssue(tx, account.id)),
    refresh_token: token,
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
  };
}

/** Issues tokens of a new family. */
export function startSession(tx: Transaction, account: Account): Promise<Tokens> {
  return issue(tx, account, { family: randomUUID(), started_at: new Date() });
}

/** Uses a refresh token for new ones, if it is valid. Reuse after `GRACE_MS` revokes its family. */
export function refreshSession(database: Database, token: string): Promise<Tokens | undefined> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    const account = await lockOwner(tx, hash);
    const [row] = await tx.select().from(refreshTokens).where(eq(refreshTokens.hash, hash));
    if (!account || !row) return undefined;
    const now = Date.now();
    if (row.spent_at && row.spent_at.getTime() < now - GRACE_MS) {
      logger.warn({ account: row.account_id }, "refresh token reused");
      await endFamily(tx, hash);
      return undefined;
    }
    if (row.expires_at.getTime() <= now) return undefined;
    const spent_at = row.spent_at ?? new Date(now);
    await tx.update(refreshTokens).set({ spent_at }).where(eq(refreshTokens.hash, hash));
    return issue(tx, account, row);
  });
}

/** Revokes the family of a refresh token. Unknown tokens are ignored. */
export function endSession(database: Database, token: string): Promise<void> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    await lockOwner(tx, hash);
    await endFamily(tx, hash);
  });
}

/** Ends all sessions of an account, which the caller has locked. */
export async function endSessions(tx: Transaction, accountId: string): Promise<void> {
  await tx.delete(refreshTokens).where(eq(refreshTokens.account_id, accountId));
}

/** Locks an account, so that no new token escapes a revocation. */
export async function lockAccount(tx: Transaction, id: string): Promise<void> {
  await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(eq(accounts.id, id))
    .for("no key update");
}

/** Locks and returns the account of a token. */
async function lockOwner(tx: Transaction, hash: string): Promise<Account | undefined> {
  const [account] = await tx
    .select(getTableColumns(accounts))
    .from(accounts)
    .innerJoin(refreshTokens, eq(refreshTokens.account_id, accounts.id))
    .where(eq(refreshTokens.hash, hash))
    .for("no key update", { of: accounts });
  return account;
}

async function endFamily(tx: Transaction, hash: string): Promise<void> {
  const family = tx
    .select({ family: refreshTokens.family })
    .from(refreshTokens)
    .where(eq(refreshTokens.hash, hash));
  await tx.delete(refreshTokens).where(eq(refreshTokens.family, family));
}

/** Deletes refresh tokens that have expired. */
export async function pruneSessions(database: Database): Promise<void> {
  await database.delete(refreshTokens).where(lt(refreshTokens.expires_at, sql`now()`));
}
