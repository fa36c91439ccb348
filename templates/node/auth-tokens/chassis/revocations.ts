/** Accounts whose tokens were revoked: by a new password or role, a lock, or a deletion. */
import { hash } from "node:crypto";
import type { Caller } from "./context.ts";

/** SHA-256 of an account's id, and the time of its last revocation in seconds since the epoch. */
const revoked = new Map<string, number>();

export function replaceRevocations(entries: Iterable<[account: string, time: number]>): void {
  revoked.clear();
  for (const [account, time] of entries) revoked.set(account, time);
}

interface Issued {
  caller: Caller;
  /** In seconds since the epoch. */
  issued: number;
}

/** Whether the account's tokens were revoked after this one was issued. */
export function isRevoked({ caller, issued }: Issued): boolean {
  if (revoked.size === 0 || caller.id === undefined) return false;
  const time = revoked.get(hash("sha256", caller.id.toLowerCase()));
  return time !== undefined && issued <= time;
}
