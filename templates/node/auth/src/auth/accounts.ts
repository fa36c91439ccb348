/** Changes of accounts, one of which stays an admin. */
import { and, eq, not, sql } from "drizzle-orm";
import type { Transaction } from "#chassis/database.ts";
import { Problem } from "#chassis/problems.ts";
import { accounts } from "../schema/accounts.ts";
import type { Account } from "./schemas.ts";

export const ADMIN = "admin";

/**
 * Returns an account for a change, locked. Throws a 409 if it is the last admin and would not stay one.
 * Locks all admins first, in order, so that two of them cannot remove each other.
 */
export async function lockForChange(
  tx: Transaction,
  id: string,
  { keepsAdmin }: { keepsAdmin: boolean },
): Promise<Account | undefined> {
  const admins = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(sql`${accounts.roles} ? ${ADMIN}`, not(accounts.locked)))
    .orderBy(accounts.id)
    .for("update");
  if (admins.length === 1 && admins[0]?.id === id && !keepsAdmin) {
    throw new Problem(409, "This is the last admin.");
  }
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, id)).for("update");
  return account;
}
