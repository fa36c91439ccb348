import { createRemoteJWKSet } from "jose";
import { once } from "./once.ts";
import { settings } from "./settings.ts";

/** Finds the auth service's public key for a token. */
export const findKey = once(() =>
  createRemoteJWKSet(new URL(settings().JWKS_URL), {
    timeoutDuration: 2000,
    cooldownDuration: 10_000,
    cacheMaxAge: 300_000,
  }),
);
