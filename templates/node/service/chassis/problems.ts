import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, Request, Response } from "express";
import { z } from "zod";
import { correlationId } from "./context.ts";
import { logger } from "./logger.ts";

const FieldError = z.object({ field: z.string(), message: z.string() }).meta({ id: "FieldError" });

/** An RFC 9457 problem, as `application/problem+json`. */
export const ProblemDetails = z
  .object({
    type: z.string().optional().meta({ default: "about:blank" }),
    title: z.string(),
    status: z.number().meta({ shows: { type: "integer" } }),
    detail: z.string(),
    instance: z.string(),
    correlation_id: z.string(),
    errors: z.array(FieldError).nullish().meta({ default: null }),
  })
  .meta({ id: "ProblemDetails" });

export type FieldError = z.infer<typeof FieldError>;

interface ProblemOptions {
  errors?: FieldError[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Becomes the response if it is thrown in a request. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** Reason phrases of RFC 9110 for which Node.js has older ones. */
const RENAMED: Readonly<Record<number, string>> = {
  413: "Content Too Large",
  422: "Unprocessable Content",
};

export function phrase(status: number): string {
  return RENAMED[status] ?? STATUS_CODES[status] ?? "Error";
}

function send(request: Request, response: Response, problem: Problem): void {
  const body = {
    type: "about:blank",
    title: phrase(problem.status),
    status: problem.status,
    detail: problem.message,
    instance: request.originalUrl.split("?", 1)[0] ?? "/",
    correlation_id: correlationId(),
    errors: problem.errors,
  };
  // Express would add a charset, which JSON does not have.
  response.status(problem.status).set(problem.headers);
  response.setHeader("Content-Type", "application/problem+json");
  response.end(JSON.stringify(body));
}

/** Respond with 404 to unknown paths. */
export function notFound(): never {
  throw new Problem(404, "There is nothing at this path");
}

export const problemHandler: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error);
  send(request, response, asProblem(error));
};

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    const { status, cause } = error;
    if (status === 501) logger.warn({ status }, error.message);
    else if (status >= 500) logger.warn({ error: cause ?? error, status }, "request failed");
    return error;
  }
  const status = clientErrorStatus(error);
  if (status) return unreadable(status, error);
  logger.error({ error }, "unexpected error");
  return new Problem(500, "Something went wrong; the correlation id names it in the logs.");
}

/** The status that Express and its body parser give to errors of a request that they cannot read. */
function clientErrorStatus(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function unreadable(status: number, error: unknown): Problem {
  if (error instanceof URIError) return invalid({ field: "path", message: "Must be UTF-8" });
  if (error instanceof SyntaxError) return invalid({ field: "body", message: "Must be JSON" });
  if (status === 413) return new Problem(413, "The request is too large.");
  return new Problem(400, "The request cannot be read.");
}

/** A 422 with the errors of the fields. */
export function invalid(...errors: FieldError[]): Problem {
  return new Problem(422, "The request is not valid.", { errors });
}

/** A 422 with a message for each refused field of the body: `throw refuse({ total: "Must be positive" })`. */
export function refuse(messages: Record<string, string>): Problem {
  const errors = Object.entries(messages);
  return invalid(...errors.map(([name, message]) => ({ field: `body.${name}`, message })));
}

/** The error of a field whose value refers to nothing. */
export function dangling(name: string): FieldError {
  return { field: `body.${name}`, message: "There is nothing with this id" };
}
