import type { Application } from "#chassis/application.ts";
import { background } from "#chassis/background.ts";
import { pruneAttempts } from "./attempts.ts";
import { pruneMailedTokens } from "./mailed-tokens.ts";
import { pruneRevocations } from "./revocations.ts";
import { pruneSessions } from "./sessions.ts";

const HOUR_MS = 3_600_000;

export const lifespan = ({ database }: Application) =>
  background("pruning", HOUR_MS, async () => {
    await pruneSessions(database);
    await pruneMailedTokens(database);
    await pruneRevocations(database);
    await pruneAttempts(database);
  });
