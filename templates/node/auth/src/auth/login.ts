import { and, eq } from "drizzle-orm";
import { type Database, transaction } from "#chassis/database.ts";
import { Problem } from "#chassis/problems.ts";
import { refused } from "#chassis/tokens.ts";
import { accounts } from "../schema/accounts.ts";
import { countAttempt, forgetAttempts } from "./attempts.ts";
import { checkQueue, renewHash, verifyPassword } from "./passwords.ts";
import type { Account } from "./schemas.ts";
import { startSession, type Tokens } from "./sessions.ts";

/** How often a password is checked that changes while it is checked. */
const ATTEMPTS = 2;

export interface Credentials {
  email: string;
  password: string;
  /** Address or network of the client. */
  client: string;
}

/** Returns tokens of a new session. Throws a 401 unless the password is right. */
export async function logIn(
  database: Database,
  { email, password, client }: Credentials,
): Promise<Tokens> {
  checkQueue(); // Overload does not count as a failed login.
  await countAttempt(database, email, client);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [account] = await database.select().from(accounts).where(eq(accounts.email, email));
    const matches = await verifyPassword(account?.password_hash, password);
    if (!account || !matches) break;
    const newHash = await renewHash(account.password_hash, password);
    const tokens = await startVerified(database, account, newHash, client);
    if (tokens) return tokens;
  }
  throw refused("Address or password is wrong.");
}

/** Starts a session unless the password or the account changed since it was read. */
function startVerified(
  database: Database,
  { id, email, password_hash }: Account,
  newHash: string | undefined,
  client: string,
): Promise<Tokens | undefined> {
  return transaction(database, async (tx) => {
    const unchanged = and(eq(accounts.id, id), eq(accounts.password_hash, password_hash));
    const [account] = await tx.select().from(accounts).where(unchanged).for("no key update");
    if (!account) return undefined;
    if (account.locked) throw new Problem(403, "This account is locked.");
    if (newHash) {
      await tx.update(accounts).set({ password_hash: newHash }).where(eq(accounts.id, id));
    }
    await forgetAttempts(tx, email, client);
    return startSession(tx, account);
  });
}
