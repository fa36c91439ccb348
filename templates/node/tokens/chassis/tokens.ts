/** Access tokens: who calls is proven by a JWT that the auth service has signed. */
import type { Request, RequestHandler } from "express";
import { errors, jwtVerify } from "jose";
import { context, currentActor } from "./context.ts";
import { Problem } from "./problems.ts";
import { settings } from "./settings.ts";
import { findKey } from "./token-keys.ts";

/** How far clocks may differ. */
const LEEWAY_SECONDS = 10;

/** Challenge to who has sent a token that is not good. */
export const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** Lets requests with a valid access token through; others get 401. */
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

async function verify(token: string): Promise<string> {
  try {
    const { payload } = await jwtVerify<{ sub: string }>(token, findKey(), {
      algorithms: ["ES256"],
      issuer: settings().TOKEN_ISSUER,
      audience: settings().TOKEN_AUDIENCE,
      requiredClaims: ["sub", "iat", "exp", "jti"],
      clockTolerance: LEEWAY_SECONDS,
    });
    return payload.sub;
  } catch (error) {
    if (isTokensFault(error)) throw refused("The access token is not valid.", INVALID_TOKEN, error);
    throw new Problem(503, "Access tokens cannot be checked at the moment.", {
      headers: { "Retry-After": "5" },
      cause: error,
    });
  }
}

/** Otherwise it is the fault of the keys that could not be had. */
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
