import { eq } from "drizzle-orm";
import { type Database, type Transaction, transaction } from "#chassis/database.ts";
import { logger } from "#chassis/logger.ts";
import { Problem } from "#chassis/problems.ts";
import { INVALID_TOKEN, refused } from "#chassis/tokens.ts";
import { accounts } from "../schema/accounts.ts";
import { countAttempt, forgetAttempts } from "./attempts.ts";
import { discardMailedTokens } from "./mailed-tokens.ts";
import { checkQueue, hashPassword, verifyPassword } from "./passwords.ts";
import { revokeTokens } from "./revocations.ts";
import type { Account } from "./schemas.ts";
import { endSessions } from "./sessions.ts";

export interface PasswordChange {
  password: string;
  new_password: string;
  /** Address or network of the client. */
  client: string;
}

/** Replaces an account's password and ends all its sessions. */
export async function changePassword(
  database: Database,
  id: string,
  { password, new_password, client }: PasswordChange,
): Promise<void> {
  const verified = await verifyOwner(database, id, { password, client });
  const password_hash = await hashPassword(new_password);
  await transaction(database, async (tx) => {
    const [account] = await tx.select().from(accounts).where(eq(accounts.id, id)).for("update");
    await replacePassword(tx, unchanged(account, verified), password_hash, client);
  });
}

/** Returns the account. Throws a 403 unless the password is right. */
export async function verifyOwner(
  database: Database,
  id: string,
  { password, client }: Pick<PasswordChange, "password" | "client">,
): Promise<Account> {
  checkQueue();
  const [account] = await database.select().from(accounts).where(eq(accounts.id, id));
  if (!account) throw refused("This account is gone.", INVALID_TOKEN);
  await countAttempt(database, account.email, client);
  if (!(await verifyPassword(account.password_hash, password))) {
    throw new Problem(403, "The current password is wrong.");
  }
  return account;
}

/** Returns the account. Throws a 409 if its password changed since it was verified. */
export function unchanged(account: Account | undefined, verified: Account): Account {
  if (account?.password_hash === verified.password_hash) return account;
  throw new Problem(409, "The password was changed meanwhile.");
}

/** Sets the password of a locked account, ends its sessions and discards its mailed tokens. */
export async function replacePassword(
  tx: Transaction,
  { id, email }: Account,
  password_hash: string,
  client: string,
): Promise<void> {
  await tx.update(accounts).set({ password_hash }).where(eq(accounts.id, id));
  await discardMailedTokens(tx, id);
  await forgetAttempts(tx, email, client);
  await endSessions(tx, id);
  await revokeTokens(tx, id);
  logger.info({ account: id }, "password changed");
}
