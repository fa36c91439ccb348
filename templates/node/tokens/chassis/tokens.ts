/** Access tokens: JWTs that the auth service signs for its accounts. */
import type { Request, RequestHandler } from "express";
import { errors, type JWTHeaderParameters, jwtVerify } from "jose";
import { type Actor, type Caller, context } from "./context.ts";
import { logDenial } from "./denials.ts";
import { Problem } from "./problems.ts";
import { isRevoked } from "./revocations.ts";
import { settings } from "./settings.ts";
import { findKey } from "./token-keys.ts";

/** Tolerated difference between clocks. */
const LEEWAY_SECONDS = 10;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Challenge in the response to an invalid token. */
export const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** Respond with 401 to requests without a valid access token. */
export const guard: RequestHandler = async (request, _response, next) => {
  const token = bearerToken(request);
  const caller = await verify(token);
  const store = context.getStore();
  if (store) Object.assign(store, { token, caller, actor: actorOf(caller) });
  next();
};

/** Respond with 401 to requests with an invalid access token; those without one are anonymous. */
export const optionalGuard: RequestHandler = (request, response, next) =>
  request.get("Authorization") === undefined ? next() : guard(request, response, next);

/** The id of the account that calls. Throws a 403 if it is a service. */
export function caller(): string {
  const { id, service } = context.getStore()?.caller ?? {};
  if (id) return id;
  if (service === undefined) throw tokenNeeded();
  logDenial({ action: "act as an account", resource: "accounts" });
  throw new Problem(403, "This service is not allowed to do this.");
}

export const tokenNeeded = () => refused("An access token is needed.");

function actorOf({ id, service }: Caller): Actor {
  return service === undefined
    ? { type: "app_user", id }
    : { type: "service_account", id: service };
}

function bearerToken(request: Request): string {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(request.get("Authorization") ?? "") ?? [];
  if (!token) throw tokenNeeded();
  return token;
}

interface Claims {
  sub: string;
  iat: number;
  exp: number;
  roles?: unknown;
  client_id?: unknown;
}

interface Verified {
  caller: Caller;
  /** In seconds since the epoch. */
  issued: number;
  expires: number;
  header: JWTHeaderParameters;
  key: unknown;
}

const MAX_CACHED = 1000;
/** Valid tokens, the oldest first: the signature takes longer to check than a row to read. */
const cache = new Map<string, Verified>();

async function verify(token: string): Promise<Caller> {
  const cached = cache.get(token);
  if (cached && (await isStillValid(cached))) return cached.caller;
  cache.delete(token);
  const verified = await verifyAnew(token);
  if (isRevoked(verified)) throw invalidToken();
  const [oldest] = cache.keys();
  if (cache.size >= MAX_CACHED && oldest) cache.delete(oldest);
  cache.set(token, verified);
  return verified.caller;
}

/** Whether the token is in time and not revoked, and its key still that of the auth service. */
async function isStillValid(verified: Verified): Promise<boolean> {
  const { expires, header, key } = verified;
  if (Date.now() / 1000 >= expires + LEEWAY_SECONDS || isRevoked(verified)) return false;
  try {
    return (await findKey()(header, { payload: "", signature: "" })) === key;
  } catch {
    return false;
  }
}

async function verifyAnew(token: string): Promise<Verified> {
  try {
    const { payload, protectedHeader, key } = await jwtVerify<Claims>(token, findKey(), {
      algorithms: ["ES256"],
      issuer: settings().TOKEN_ISSUER,
      audience: settings().TOKEN_AUDIENCE,
      requiredClaims: ["sub", "iat", "exp", "jti"],
      clockTolerance: LEEWAY_SECONDS,
    });
    const { iat: issued, exp: expires } = payload;
    return { caller: callerOf(payload), issued, expires, header: protectedHeader, key };
  } catch (error) {
    if (isTokensFault(error)) throw invalidToken(error);
    throw new Problem(503, "Access tokens cannot be checked at the moment.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  }
}

/** A service has a token in which it is the client and the subject, as RFC 9068 says. */
function callerOf(claims: Claims): Caller {
  const { sub, client_id } = claims;
  if (client_id === sub) return { service: sub, roles: [] };
  if (!UUID.test(sub)) throw new errors.JWTInvalid("the subject is no account");
  return { id: sub, roles: rolesOf(claims) };
}

function rolesOf({ roles }: Claims): string[] {
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}

/** Whether the token is invalid; otherwise the keys are unavailable. */
function isTokensFault(error: unknown): boolean {
  return (
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

export function refused(detail: string, challenge = "Bearer", cause?: unknown): Problem {
  return new Problem(401, detail, { headers: { "WWW-Authenticate": challenge }, cause });
}

const invalidToken = (cause?: unknown) =>
  refused("The access token is not valid.", INVALID_TOKEN, cause);
