import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { logger } from "./logger.ts";

/** Age at which keys are fetched again, in the background. */
export const FRESH_MS = 300_000;
/** Age up to which keys are used while their issuer is unavailable, as in the gateway. */
const KEPT_MS = 86_400_000;
/** Minimum time between two fetches, because anybody can make up the id of a key. */
const COOLDOWN_MS = 10_000;
/** Minimum time between a failed fetch and the next one. */
const RETRY_MS = 1000;

interface KeyCache extends JWTVerifyGetKey {
  /** Fetch the keys unless they are fresh. Rejects if they are unavailable. */
  load(): Promise<void>;
}

/** Return a function that finds a token's key among those at a URL, which may have to be looked up. At most one fetch runs. */
export function cachedKeys(findUrl: () => string | Promise<string>): KeyCache {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let fetchedAt = 0;
  let nextFetchAt = 0;
  let failure: unknown;
  let fetching: Promise<void> | undefined;

  async function load(): Promise<void> {
    try {
      const url = await findUrl();
      const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`${url} answers ${response.status}`);
      keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
      failure = undefined;
      fetchedAt = Date.now();
      nextFetchAt = fetchedAt + COOLDOWN_MS;
    } catch (error) {
      logger.warn({ error }, "public keys not fetched");
      failure = error;
      nextFetchAt = Date.now() + RETRY_MS;
    } finally {
      fetching = undefined;
    }
  }

  function refresh(): Promise<void> | undefined {
    if (!fetching && Date.now() >= nextFetchAt) fetching = load();
    return fetching;
  }

  const find: JWTVerifyGetKey = async (header, token) => {
    const age = Date.now() - fetchedAt;
    if (age >= KEPT_MS) keys = undefined;
    const known = await keys?.(header, token).catch(unlessUnknown);
    if (!known) await refresh();
    else if (age >= FRESH_MS) refresh();
    const found = known ?? (await keys?.(header, token).catch(unlessUnknown));
    if (found) return found;
    throw failure ?? new errors.JWKSNoMatchingKey();
  };

  return Object.assign(find, {
    async load() {
      if (!keys || Date.now() - fetchedAt >= FRESH_MS) refresh();
      await fetching;
      if (failure) throw failure;
    },
  });
}

function unlessUnknown(error: unknown): undefined {
  if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
}
