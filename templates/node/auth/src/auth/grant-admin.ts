/** Makes a registered account an admin: `node src/auth/grant-admin.ts ann@example.com`. */
import { eq } from "drizzle-orm";
import { connectDatabase, type Database, transaction } from "#chassis/database.ts";
import { logger } from "#chassis/logger.ts";
import { accounts } from "../schema/accounts.ts";
import { ADMIN } from "./accounts.ts";
import { revokeTokens } from "./revocations.ts";

/** Returns whether there is an account with this address. */
export function grantAdmin(database: Database, email: string): Promise<boolean> {
  const hasAddress = eq(accounts.email, email.toLowerCase());
  return transaction(database, async (tx) => {
    const [account] = await tx.select().from(accounts).where(hasAddress).for("update");
    if (!account) return false;
    if (!account.roles.includes(ADMIN)) {
      const { id, roles: old } = account;
      const roles = [...old, ADMIN].sort();
      await tx.update(accounts).set({ roles }).where(hasAddress);
      await revokeTokens(tx, id);
      logger.info({ account: id, by: "command", old, new: roles }, "roles changed");
    }
    return true;
  });
}

if (import.meta.main) {
  const [email, ...others] = process.argv.slice(2);
  if (!email || others.length > 0) {
    process.stderr.write("usage: node src/auth/grant-admin.ts EMAIL\n");
    process.exit(1);
  }
  const database = connectDatabase();
  const isGranted = await grantAdmin(database, email);
  await database.close();
  if (isGranted) process.stdout.write(`${email} is an admin\n`);
  else process.stderr.write(`no account has the address ${email}: register it first\n`);
  process.exitCode = isGranted ? 0 : 1;
}
