import { createLocalJWKSet } from "jose";
import { once } from "./once.ts";
import { signingKey } from "./signing-key.ts";

/** Finds the public key for a token that this service has signed itself. */
export const findKey = once(() => createLocalJWKSet(signingKey().jwks));
