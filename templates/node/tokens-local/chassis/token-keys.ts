import { createLocalJWKSet } from "jose";
import { jwks } from "./signing-keys.ts";

/** Finds the public key for a token that this service has signed itself. */
export const findKey = createLocalJWKSet(jwks);
