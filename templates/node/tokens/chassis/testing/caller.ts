import { token } from "./tokens.ts";

/** The headers of somebody who may call. */
export async function authorization(): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await token()}` };
}
