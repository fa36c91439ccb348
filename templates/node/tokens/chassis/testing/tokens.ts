import { randomUUID } from "node:crypto";
import { type CryptoKey, type JWTPayload, type KeyObject, SignJWT } from "jose";
import { settings } from "../settings.ts";
import { keyId, signingKey } from "./keys.ts";

/** An access token; `claims` replace those of a valid one. */
export function token(
  claims: JWTPayload = {},
  key: CryptoKey | KeyObject = signingKey,
  kid = keyId,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: settings().TOKEN_ISSUER,
    aud: settings().TOKEN_AUDIENCE,
    sub: randomUUID(),
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", kid })
    .sign(key);
}
