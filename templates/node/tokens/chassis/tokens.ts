/** Access tokens: JWTs that the auth service signs for its accounts. */
import type { Request, RequestHandler } from "express";
import { errors, type JWTHeaderParameters, jwtVerify } from "jose";
import { context, currentActor } from "./context.ts";
import { Problem } from "./problems.ts";
import { settings } from "./settings.ts";
import { findKey } from "./token-keys.ts";

/** Tolerated difference between clocks. */
const LEEWAY_SECONDS = 10;

/** Challenge in the response to an invalid token. */
export const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** Respond with 401 to requests without a valid access token. */
export const guard: RequestHandler = async (request, _response, next) => {
  const token = bearerToken(request);
  const id = await verify(token);
  const store = context.getStore();
  if (store) Object.assign(store, { token, actor: { type: "app_user", id } });
  next();
};

/** The id of the account that calls. */
export function caller(): string {
  const { id } = currentActor();
  if (!id) throw refused("An access token is needed.");
  return id;
}

function bearerToken(request: Request): string {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(request.get("Authorization") ?? "") ?? [];
  if (!token) throw refused("An access token is needed.");
  return token;
}

interface Claims {
  sub: string;
  exp: number;
}

interface Verified {
  account: string;
  expires: number;
  header: JWTHeaderParameters;
  key: unknown;
}

const MAX_CACHED = 1000;
/** Valid tokens, the oldest first: the signature takes longer to check than a row to read. */
const cache = new Map<string, Verified>();

async function verify(token: string): Promise<string> {
  const cached = cache.get(token);
  if (cached && (await isStillValid(cached))) return cached.account;
  cache.delete(token);
  const verified = await verifyAnew(token);
  const [oldest] = cache.keys();
  if (cache.size >= MAX_CACHED && oldest) cache.delete(oldest);
  cache.set(token, verified);
  return verified.account;
}

/** Whether the token is in time, and its key still that of the auth service. */
async function isStillValid({ expires, header, key }: Verified): Promise<boolean> {
  if (Date.now() / 1000 >= expires + LEEWAY_SECONDS) return false;
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
    return { account: payload.sub, expires: payload.exp, header: protectedHeader, key };
  } catch (error) {
    if (isTokensFault(error)) throw refused("The access token is not valid.", INVALID_TOKEN, error);
    throw new Problem(503, "Access tokens cannot be checked at the moment.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  }
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
