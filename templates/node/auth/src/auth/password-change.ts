import { and, eq } from "drizzle-orm";
import { type Database, transaction } from "#chassis/database.ts";
import { logger } from "#chassis/logger.ts";
import { Problem } from "#chassis/problems.ts";
import { INVALID_TOKEN, refused } from "#chassis/tokens.ts";
import { accounts } from "../schema/accounts.ts";
import { countAttempt, forgetAttempts } from "./attempts.ts";
import { checkQueue, hashPassword, verifyPassword } from "./passwords.ts";
import { revokeTokens } from "./revocations.ts";
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
  checkQueue();
  const [account] = await database.select().from(accounts).where(eq(accounts.id, id));
  if (!account) throw refused("This account is gone.", INVALID_TOKEN);
  await countAttempt(database, account.email, client);
  if (!(await verifyPassword(account.password_hash, password))) {
    throw new Problem(403, "The current password is wrong.");
  }
  const password_hash = await hashPassword(new_password);
  const unchanged = and(eq(accounts.id, id), eq(accounts.password_hash, account.password_hash));
  await transaction(database, async (tx) => {
    const changed = await tx.update(accounts).set({ password_hash }).where(unchanged).returning();
    if (changed.length === 0) throw new Problem(409, "The password was changed meanwhile.");
    await forgetAttempts(tx, account.email, client);
    await endSessions(tx, id);
    await revokeTokens(tx, id);
    logger.info({ account: id }, "password changed");
  });
}
