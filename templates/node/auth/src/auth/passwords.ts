import { hash, type Options, parseOptions, verify } from "@node-rs/argon2";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { Problem } from "#chassis/problems.ts";

const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

// Each takes 19 MiB and a thread of the pool that the file system and DNS need as well.
const workers = bulkhead(2, 200);

async function hashing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await workers.execute(work);
  } catch (error) {
    if (!(error instanceof BulkheadRejectedError)) throw error;
    throw new Problem(503, "Too many logins at once.", { headers: { "Retry-After": "5" } });
  }
}

/** The argon2id hash of a password. */
export function hashPassword(password: string): Promise<string> {
  return hashing(() => hash(password, PARAMETERS));
}

const nobodys = hash("the password of no account", PARAMETERS);

/** Whether a password is that of a hash; without a hash it is not, which takes as long to say. */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
): Promise<boolean> {
  const known = passwordHash ?? (await nobodys);
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
