/** The OpenID provider, whose discovery document says where its public keys are. */
import { z } from "zod";
import { background } from "./background.ts";
import { cachedKeys, FRESH_MS } from "./key-cache.ts";
import { once } from "./once.ts";
import { settings } from "./settings.ts";

/** A discovery document: OpenID Connect Discovery 1.0, section 3. */
const Configuration = z.object({ issuer: z.string(), jwks_uri: z.url() });

async function findUrl(): Promise<string> {
  const url = settings().OPENID_CONFIGURATION_URL;
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const { issuer, jwks_uri } = Configuration.parse(await response.json());
  const expected = settings().TOKEN_ISSUER;
  if (issuer !== expected) throw new Error(`${url} is of the issuer ${issuer}, not ${expected}`);
  return jwks_uri;
}

export const keys = once(() => cachedKeys(findUrl));

/** Rejects if there are no keys. */
export const check = () => keys().load();

/** Fetch the keys at start, before the first request, and when they are no longer fresh. */
export const lifespan = () => background("fetch of public keys", FRESH_MS, check);
