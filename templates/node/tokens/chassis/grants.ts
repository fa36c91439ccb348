/** Checks what the caller is granted, and logs what is denied. */
import type { RequestHandler } from "express";
import { context } from "./context.ts";
import { logger } from "./logger.ts";
import { type FieldError, Problem } from "./problems.ts";
import { tokenNeeded } from "./tokens.ts";

/** `public` (everybody), `user` (every account), `owner` (of the row) or roles. */
export type Grantees = readonly string[];

/** What is denied, for the audit log. */
interface Denial {
  action: string;
  resource: string;
  id?: string | undefined;
}

/** The id of the account that calls; undefined for anonymous callers, and outside of requests. */
export const callerId = () => context.getStore()?.caller?.id;

/** Whether the grant holds for every row. Message handlers and background tasks are granted everything. */
export function isGranted(grantees: Grantees): boolean {
  const caller = context.getStore()?.caller;
  if (!caller) return true;
  if (grantees.includes("public")) return true;
  if (caller.id === undefined) return false;
  // A role that a token calls `owner` owns nothing.
  const isHeld = (grantee: string) => grantee !== "owner" && caller.roles.includes(grantee);
  return grantees.includes("user") || grantees.some(isHeld);
}

export function logDenial(denial: Denial): void {
  logger.warn({ account: callerId(), ...denial }, "access denied");
}

/** Log a denial and return a 403; return a 401 for callers without a token. */
export function denied(denial: Denial, errors?: FieldError[]): Problem {
  if (callerId() === undefined) return tokenNeeded();
  logDenial(denial);
  return new Problem(403, "This account is not allowed to do this.", { ...(errors && { errors }) });
}

/** Respond with 403 to callers without the grant. */
export function grantGuard(grantees: Grantees, denial: Denial): RequestHandler {
  return (_request, _response, next) => {
    if (!isGranted(grantees)) throw denied(denial);
    next();
  };
}
