import { createRemoteJWKSet } from "jose";
import { settings } from "./settings.ts";

/** Finds the auth service's public key for a token. */
export const findKey = createRemoteJWKSet(new URL(settings.JWKS_URL), {
  timeoutDuration: 2000,
  cooldownDuration: 10_000,
  cacheMaxAge: 300_000,
});
