import { recurring } from "#chassis/background.ts";
import { pruneAttempts } from "./attempts.ts";
import { pruneSessions } from "./sessions.ts";

const HOUR_MS = 3_600_000;

export const lifespan = recurring("pruning", HOUR_MS, async () => {
  await pruneSessions();
  await pruneAttempts();
});
