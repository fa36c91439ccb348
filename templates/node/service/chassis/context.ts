import { AsyncLocalStorage } from "node:async_hooks";

/** Who causes something, in the terms of CloudEvents' auth context extension. */
export interface Actor {
  /** `app_user`, `service_account`, `unauthenticated` or `system`. */
  type: string;
  /** The id of the account, or the name of the service. */
  id?: string | undefined;
}

/** Who sends a request: an account, another service, or anybody. */
export interface Caller {
  /** The id of the account. */
  id?: string;
  /** The name of the service. */
  service?: string;
  roles: readonly string[];
}

/** The state of the current request or message. */
export interface Context {
  correlationId: string;
  /** Undefined in message handlers and background tasks. */
  caller?: Caller;
  /** The caller's access token, passed on in calls to other services. */
  token?: string;
  actor?: Actor;
  /** When the caller stops waiting, in milliseconds since the epoch. */
  deadline?: number;
}

/** Milliseconds that the caller still waits, as Envoy sends it to services and services send it on. */
export const DEADLINE_HEADER = "X-Envoy-Expected-Rq-Timeout-Ms";

export const context = new AsyncLocalStorage<Context>();

export function currentActor(): Actor {
  return context.getStore()?.actor ?? { type: "system" };
}

/** Empty outside of a request or message. */
export function correlationId(): string {
  return context.getStore()?.correlationId ?? "";
}

/** Milliseconds until the deadline; infinite without one. */
export function timeLeft(): number {
  return (context.getStore()?.deadline ?? Number.POSITIVE_INFINITY) - Date.now();
}
