import { keys } from "./provider.ts";

/** Finds the OpenID provider's public key for a token. */
export const findKey = keys;
