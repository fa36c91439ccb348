import { hash, type Options, parseOptions, verify } from "@node-rs/argon2";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { Problem } from "#chassis/problems.ts";

const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

const WORKERS = 2;
/** How many requests may wait for a worker: about a second of work. */
const QUEUE = 32;

// Each takes 19 MiB and a thread of the pool that the file system and DNS need too.
const workers = bulkhead(WORKERS, QUEUE);

/** Throws a 503 if no more work is accepted at the moment. */
export function checkQueue(): void {
  if (workers.queueSlots === 0) throw overloaded();
}

function overloaded(): Problem {
  return new Problem(503, "Too many logins at once.", { headers: { "Retry-After": "5" } });
}

async function hashing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await workers.execute(work);
  } catch (error) {
    throw error instanceof BulkheadRejectedError ? overloaded() : error;
  }
}

/** Returns the argon2id hash of a password. */
export function hashPassword(password: string): Promise<string> {
  return hashing(() => hash(password, PARAMETERS));
}

const dummy = hash("the password of no account", PARAMETERS);

/** Returns whether a password is that of a hash, in the same time if there is no hash. */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
): Promise<boolean> {
  const known = passwordHash ?? (await dummy);
  const matches = await hashing(() => verify(known, password));
  return matches && passwordHash !== undefined;
}

/** Returns a new hash if this one was made with other parameters than today's. */
export async function renewHash(
  passwordHash: string,
  password: string,
): Promise<string | undefined> {
  const { memoryCost, timeCost, parallelism } = parseOptions(passwordHash);
  const isCurrent =
    memoryCost === PARAMETERS.memoryCost &&
    timeCost === PARAMETERS.timeCost &&
    parallelism === PARAMETERS.parallelism;
  return isCurrent ? undefined : hashPassword(password);
}
