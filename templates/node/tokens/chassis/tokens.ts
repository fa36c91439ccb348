/** Access tokens: JWTs that the auth service signs for its accounts. */
import type { Request, RequestHandler } from "express";
import { errors, type JWTHeaderParameters, jwtVerify } from "jose";
import { type Caller, context } from "./context.ts";
import { Problem } from "./problems.ts";
import { isRevoked } from "./revocations.ts";
import { settings } from "./settings.ts";
import { findKey } from "./token-keys.ts";

/** Tolerated difference between clocks. */
const LEEWAY_SECONDS = 10;

/** Challenge in the response to an invalid token. */
export const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** Respond with 401 to requests without a valid access token. */
export const guard: RequestHandler = async (request, _response, next) => {
  const token = bearerToken(request);
  const caller = await verify(token);
  const store = context.getStore();
  if (store) Object.assign(store, { token, caller, actor: { type: "app_user", id: caller.id } });
  next();
};

/** Respond with 401 to requests with an invalid access token; those without one are anonymous. */
export const optionalGuard: RequestHandler = (request, response, next) =>
  request.get("Authorization") === undefined ? next() : guard(request, response, next);

/** The id of the account that calls. */
export function caller(): string {
  const id = context.getStore()?.caller?.id;
  if (!id) throw tokenNeeded();
  return id;
}

export const tokenNeeded = () => refused("An access token is needed.");

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
}

interface Verified {
  caller: Caller & { id: string };
  /** In seconds since the epoch. */
  issued: number;
  expires: number;
  header: JWTHeaderParameters;
  key: unknown;
}

const MAX_CACHED = 1000;
/** Valid tokens, the oldest first: the signature takes longer to check than a row to read. */
const cache = new Map<string, Verified>();

async function verify(token: string): Promise<Verified["caller"]> {
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
    const caller = { id: payload.sub, roles: rolesOf(payload) };
    return { caller, issued: payload.iat, expires: payload.exp, header: protectedHeader, key };
  } catch (error) {
    if (isTokensFault(error)) throw invalidToken(error);
    throw new Problem(503, "Access tokens cannot be checked at the moment.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  }
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
