import { createHash, randomBytes, randomUUID } from "node:crypto";
import { eq, lt, sql } from "drizzle-orm";
import { SignJWT } from "jose";
import { type Database, type Transaction, transaction } from "#chassis/database.ts";
import { logger } from "#chassis/logger.ts";
import { settings } from "#chassis/settings.ts";
import { signingKey } from "#chassis/signing-key.ts";
import { accounts, refreshTokens } from "../schema/accounts.ts";

/** How long a used token still works: the response may be lost, or two tabs refresh at once. */
const GRACE_MS = 10_000;

export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: "Bearer";
  expires_in: number;
}

const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");

function accessToken(accountId: string): Promise<string> {
  const { keyId, privateKey } = signingKey();
  return new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: keyId, typ: "JWT" })
    .setIssuer(settings().TOKEN_ISSUER)
    .setAudience(settings().TOKEN_AUDIENCE)
    .setSubject(accountId)
    .setIssuedAt()
    .setExpirationTime(`${settings().ACCESS_TOKEN_SECONDS} s`)
    .setJti(randomUUID())
    .sign(privateKey);
}

type RefreshToken = typeof refreshTokens.$inferSelect;
type Session = Pick<RefreshToken, "account_id" | "family" | "started_at">;

async function issue(tx: Transaction, session: Session): Promise<Tokens> {
  const { account_id, family, started_at } = session;
  const { REFRESH_TOKEN_SECONDS, SESSION_SECONDS, ACCESS_TOKEN_SECONDS } = settings();
  const token = randomBytes(32).toString("base64url");
  const expiry = Math.min(
    Date.now() + REFRESH_TOKEN_SECONDS * 1000,
    started_at.getTime() + SESSION_SECONDS * 1000,
  );
  const expires_at = new Date(expiry);
  const row = { hash: sha256(token), family, account_id, started_at, expires_at };
  await tx.insert(refreshTokens).values(row);
  return {
    access_token: await accessToken(account_id),
    refresh_token: token,
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
  };
}

/** Issues tokens of a new family. */
export function startSession(tx: Transaction, account_id: string): Promise<Tokens> {
  return issue(tx, { account_id, family: randomUUID(), started_at: new Date() });
}

/** Uses a refresh token for new ones, if it is valid. Reuse after `GRACE_MS` revokes its family. */
export function refreshSession(database: Database, token: string): Promise<Tokens | undefined> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    await lockAccount(tx, hash);
    const [row] = await tx.select().from(refreshTokens).where(eq(refreshTokens.hash, hash));
    if (!row) return undefined;
    const now = Date.now();
    if (row.spent_at && row.spent_at.getTime() < now - GRACE_MS) {
      logger.warn({ account: row.account_id }, "refresh token reused");
      await endFamily(tx, hash);
      return undefined;
    }
    if (row.expires_at.getTime() <= now) return undefined;
    const spent_at = row.spent_at ?? new Date(now);
    await tx.update(refreshTokens).set({ spent_at }).where(eq(refreshTokens.hash, hash));
    return issue(tx, row);
  });
}

/** Revokes the family of a refresh token. Unknown tokens are ignored. */
export function endSession(database: Database, token: string): Promise<void> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    await lockAccount(tx, hash);
    await endFamily(tx, hash);
  });
}

/** Ends all sessions of an account, which the caller has locked. */
export async function endSessions(tx: Transaction, accountId: string): Promise<void> {
  await tx.delete(refreshTokens).where(eq(refreshTokens.account_id, accountId));
}

/** Locks the account of a token, so that no new token escapes a revocation. */
async function lockAccount(tx: Transaction, hash: string): Promise<void> {
  await tx
    .select({ id: accounts.id })
    .from(accounts)
    .innerJoin(refreshTokens, eq(refreshTokens.account_id, accounts.id))
    .where(eq(refreshTokens.hash, hash))
    .for("no key update", { of: accounts });
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
