import { z } from "zod";
import { background } from "./background.ts";
import { replaceRevocations } from "./revocations.ts";
import { settings } from "./settings.ts";

const POLL_MS = 20_000;
const MAX_REVOCATIONS = 100_000;

const Revocations = z.object({ revoked: z.record(z.string(), z.number()) });

/** Fetch the revocations from the auth service. After a failure, the last ones stay in force. */
export async function fetchRevocations(): Promise<void> {
  const url = new URL("revoked.json", settings().JWKS_URL);
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const { revoked } = Revocations.parse(await response.json());
  const latest = Object.entries(revoked).sort(([, a], [, b]) => b - a);
  replaceRevocations(latest.slice(0, MAX_REVOCATIONS));
}

export const lifespan = () => background("revocation polling", POLL_MS, fetchRevocations);
