import { AsyncLocalStorage } from "node:async_hooks";

/** What belongs to the request or message in hand. */
export interface Context {
  correlationId: string;
  /** The caller's access token, passed on in calls to other services. */
  token?: string;
  /** The id of the account that the token is for. */
  account?: string;
}

export const context = new AsyncLocalStorage<Context>();

/** Empty outside of a request or message. */
export function correlationId(): string {
  return context.getStore()?.correlationId ?? "";
}
