import { pruneAttempts } from "./auth/attempts.ts";
import { pruneSessions } from "./auth/sessions.ts";
import { recurring } from "./recurring.ts";

const HOUR_MS = 3_600_000;

export const lifespan = recurring("pruning", HOUR_MS, async () => {
  await pruneSessions();
  await pruneAttempts();
});
