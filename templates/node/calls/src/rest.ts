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
import { Histogram } from "prom-client";
import type { z } from "zod";
import { context } from "./context.ts";
import { logger } from "./logger.ts";
import { registry } from "./metrics.ts";
import { Problem } from "./problems.ts";

const TIMEOUT_MS = 2000;
const TRIES = 3;
const FAILURES_IN_A_ROW = 5;
const OPEN_MS = 10_000;
const PASSING = [502, 503, 504];

const duration = new Histogram({
  name: "http_client_request_duration_seconds",
  help: "Time of one try of a call to another service",
  labelNames: ["service", "method", "status"] as const,
  registers: [registry],
});

/** The other service does not answer as it should: a 503 if nobody catches it. */
export class Unavailable extends Problem {
  constructor(service: string, cause: unknown) {
    const headers = { "Retry-After": "10" };
    super(503, `The service ${service} is not available.`, { headers, cause });
  }
}

/** The other service refuses the call: a 502 if nobody catches it. */
export class Refused extends Problem {
  /** What the other service answered. */
  readonly answer: number;

  constructor(service: string, answer: number) {
    super(502, `The service ${service} refused the call.`);
    this.answer = answer;
  }
}

/** A try without a usable answer. */
class Failure extends Error {
  readonly mayPass: boolean;

  constructor(message: string, mayPass: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayPass = mayPass;
  }
}

export interface Call<T> {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The ETag of the version that a change is meant for. */
  ifMatch?: string | undefined;
  /** Of the answer, whose body is not read without it. */
  schema?: z.ZodType<T>;
}

/** Makes a call, or rejects with `Unavailable` or `Refused`. */
export type Client = <T = undefined>(call: Call<T>) => Promise<T>;

/** A client of one service. Its calls pass on the caller's token and the correlation id. */
export function createClient(service: string, baseUrl: string): Client {
  const breaker = circuitBreaker(handleType(Failure), {
    breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW),
    halfOpenAfter: OPEN_MS,
  });
  const mayPass = handleType(Failure, (failure) => failure.mayPass);
  const backoff = new ExponentialBackoff({ maxDelay: 1000 });
  const repeated = wrap(retry(mayPass, { maxAttempts: TRIES - 1, backoff }), breaker);

  return async <T>(call: Call<T>): Promise<T> => {
    const policy = call.method === "GET" || call.method === "DELETE" ? repeated : breaker;
    const sent = policy.execute(() => send(service, baseUrl, call));
    const response = await sent.catch((error) => {
      if (!(error instanceof Failure) && !(error instanceof BrokenCircuitError)) throw error;
      logger.warn({ error, called: service, path: call.path }, "call failed");
      throw new Unavailable(service, error);
    });
    if (response.ok && call.schema) return read(service, call.schema, response);
    await response.body?.cancel();
    if (!response.ok) throw new Refused(service, response.status);
    return undefined as T;
  };
}

async function send<T>(service: string, baseUrl: string, call: Call<T>): Promise<Response> {
  const url = new URL(call.path, baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const stop = duration.startTimer({ service, method: call.method, status: "error" });
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: headers(call),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    });
    stop({ status: response.status });
    if (response.status < 500) return response;
    await response.body?.cancel();
    throw new Failure(`status ${response.status}`, PASSING.includes(response.status));
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    stop();
    throw new Failure("no answer", true, { cause });
  }
}

async function read<T>(service: string, schema: z.ZodType<T>, response: Response): Promise<T> {
  try {
    return schema.parse(await response.json());
  } catch (error) {
    throw new Unavailable(service, error);
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
