import { cachedKeys } from "./key-cache.ts";
import { once } from "./once.ts";
import { settings } from "./settings.ts";

/** Finds the auth service's public key for a token. */
export const findKey = once(() => cachedKeys(() => settings().JWKS_URL));
