/** REST calls to other services, which may be slow, down or gone. */
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleType,
  retry,
  wrap,
} from "cockatiel";
import type { z } from "zod";
import { context } from "../context.ts";
import { Problem } from "../problems.ts";

const TIMEOUT_MS = 2000;
const TRIES = 3;
const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 10_000;

/** No usable answer: the service is down, slow or overloaded. */
class Unavailable extends Error {}

/** A service that answers, but not as asked. */
export class CallError extends Error {
  readonly status: number;

  constructor(service: string, status: number) {
    super(`${service} answered ${status}`);
    this.status = status;
  }
}

export interface Call<T> {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The ETag of the version that a change is meant for. */
  ifMatch?: string | undefined;
  /** Of the answer; without it, the answer has no body. */
  schema?: z.ZodType<T>;
}

export type Client = <T = undefined>(call: Call<T>) => Promise<T>;

/**
 * A client of one service. Calls pass the caller's token and the correlation id on; they reject with `CallError` for
 * an answer of 4xx, and with a 503 when there is no answer in time.
 */
export function createClient(service: string, baseUrl: string): Client {
  const failures = handleType(Unavailable);
  const breaker = circuitBreaker(failures, {
    breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
    halfOpenAfter: OPEN_MS,
  });
  const retried = wrap(
    retry(failures, { maxAttempts: TRIES - 1, backoff: new ExponentialBackoff() }),
    breaker,
  );
  return async <T>(call: Call<T>) => {
    const policy = call.method === "GET" || call.method === "DELETE" ? retried : breaker;
    try {
      return await policy.execute(() => send(service, baseUrl, call));
    } catch (error) {
      if (!(error instanceof Unavailable) && !(error instanceof BrokenCircuitError)) throw error;
      throw new Problem(503, `The service ${service} is not available.`, {
        headers: { "Retry-After": "10" },
        cause: error,
      });
    }
  };
}

async function send<T>(service: string, baseUrl: string, call: Call<T>): Promise<T> {
  const url = new URL(call.path, baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const response = await answer(url, call);
  if ([502, 503, 504].includes(response.status)) throw new Unavailable(`${response.status}`);
  if (!response.ok) throw new CallError(service, response.status);
  return call.schema ? call.schema.parse(await response.json()) : (undefined as T);
}

async function answer<T>(url: URL, call: Call<T>): Promise<Response> {
  try {
    return await fetch(url, {
      method: call.method,
      headers: headers(call),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    });
  } catch (cause) {
    throw new Unavailable("no answer", { cause });
  }
}

function headers<T>({ body, ifMatch }: Call<T>): Record<string, string> {
  const { correlationId, token } = context.getStore() ?? {};
  return {
    Accept: "application/json",
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...(correlationId && { "X-Request-ID": correlationId }),
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(ifMatch && { "If-Match": ifMatch }),
  };
}
