/** Checks what the caller is granted, and logs what is denied. */
import type { RequestHandler } from "express";
import { context } from "./context.ts";
import { type Denial, logDenial } from "./denials.ts";
import { type FieldError, Problem } from "./problems.ts";
import { tokenNeeded } from "./tokens.ts";

/** `public` (everybody), `user` (every account), `owner` (of the row) or roles. */
export type Grantees = readonly string[];

/** The id of the account that calls; undefined for services and anonymous callers, and outside of requests. */
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

/** Whether the caller is another service. */
export const isService = () => context.getStore()?.caller?.service !== undefined;

/** Log a denial and return a 403; return a 401 for callers without a token. */
export function denied(denial: Denial, errors?: FieldError[]): Problem {
  if (callerId() === undefined && !isService()) return tokenNeeded();
  logDenial(denial);
  const kind = isService() ? "service" : "account";
  return new Problem(403, `This ${kind} is not allowed to do this.`, { ...(errors && { errors }) });
}

/** Respond with 403 to accounts without the grant; services that call this one need none. */
export function grantGuard(grantees: Grantees, denial: Denial): RequestHandler {
  return (_request, _response, next) => {
    if (!isService() && !isGranted(grantees)) throw denied(denial);
    next();
  };
}
