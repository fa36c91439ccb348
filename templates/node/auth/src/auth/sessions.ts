import { createHash, randomBytes, randomUUID } from "node:crypto";
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { SignJWT } from "jose";
import { type Database, type Transaction, transaction } from "#chassis/database.ts";
import { settings } from "#chassis/settings.ts";
import { signingKey } from "#chassis/signing-key.ts";
import { accounts, refreshTokens } from "../schema/accounts.ts";

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

async function issue(tx: Transaction, accountId: string, family: string): Promise<Tokens> {
  const token = randomBytes(32).toString("base64url");
  await tx.insert(refreshTokens).values({
    hash: sha256(token),
    family,
    account_id: accountId,
    expires_at: new Date(Date.now() + settings().REFRESH_TOKEN_SECONDS * 1000),
  });
  return {
    access_token: await accessToken(accountId),
    refresh_token: token,
    token_type: "Bearer",
    expires_in: settings().ACCESS_TOKEN_SECONDS,
  };
}

/** Tokens of a new family. */
export function startSession(database: Database, accountId: string): Promise<Tokens> {
  return transaction(database, (tx) => issue(tx, accountId, randomUUID()));
}

/** Spends a refresh token for new ones. Where that is too late its family ends, and there are none. */
export function refreshSession(database: Database, token: string): Promise<Tokens | undefined> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    await lockAccount(tx, hash);
    const [spent] = await tx
      .update(refreshTokens)
      .set({ spent_at: sql`now()` })
      .where(
        and(
          eq(refreshTokens.hash, hash),
          isNull(refreshTokens.spent_at),
          gt(refreshTokens.expires_at, sql`now()`),
        ),
      )
      .returning();
    if (spent) return issue(tx, spent.account_id, spent.family);
    await endFamily(tx, hash);
    return undefined;
  });
}

/** Ends the family of a refresh token, if it has one. */
export function endSession(database: Database, token: string): Promise<void> {
  const hash = sha256(token);
  return transaction(database, async (tx) => {
    await lockAccount(tx, hash);
    await endFamily(tx, hash);
  });
}

/** One change of an account's tokens at a time: none escapes the end of its family. */
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
