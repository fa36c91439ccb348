/** Claims of access tokens that the auth service issues. */
import { errors } from "jose";
import type { Caller } from "./context.ts";

export const ALGORITHMS = ["ES256"];

export const REQUIRED = ["exp", "iat", "jti", "sub"];

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

interface Claims {
  sub: string;
  roles?: unknown;
  client_id?: unknown;
}

/** A service has a token in which it is the client and the subject, as RFC 9068 says. */
export function callerOf({ sub, roles, client_id }: Claims): Caller {
  if (client_id === sub) return { service: sub, roles: [] };
  if (!UUID.test(sub)) throw new errors.JWTInvalid("the subject is no account");
  const given = Array.isArray(roles) ? roles : [];
  return { id: sub, roles: given.filter((role) => typeof role === "string") };
}
