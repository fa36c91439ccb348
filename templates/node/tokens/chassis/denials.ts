/** Audit log of what callers may not do. */
import { context } from "./context.ts";
import { logger } from "./logger.ts";

/** What is denied. */
export interface Denial {
  action: string;
  resource: string;
  id?: string | undefined;
}

export function logDenial(denial: Denial): void {
  const { id, service } = context.getStore()?.caller ?? {};
  const who = service === undefined ? { account: id } : { client: service };
  logger.warn({ ...who, ...denial }, "access denied");
}
