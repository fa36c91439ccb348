import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, Request, Response } from "express";
import { z } from "zod";
import { correlationId } from "./context.ts";
import { logger } from "./logger.ts";

const FieldError = z.object({ field: z.string(), message: z.string() }).meta({ id: "FieldError" });

/** An RFC 9457 problem, as `application/problem+json`. */
export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    correlation_id: z.string(),
    errors: z.array(FieldError).optional(),
  })
  .meta({ id: "Problem" });

export type FieldError = z.infer<typeof FieldError>;

interface ProblemOptions {
  errors?: FieldError[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** Thrown anywhere in a request, it becomes the answer. */
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

function send(request: Request, response: Response, problem: Problem): void {
  const path = request.originalUrl.split("?", 1)[0] ?? "/";
  response
    .status(problem.status)
    .set(problem.headers)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: "about:blank",
        title: STATUS_CODES[problem.status] ?? "Error",
        status: problem.status,
        detail: problem.message,
        instance: path,
        correlation_id: correlationId(),
        errors: problem.errors,
      } satisfies z.input<typeof ProblemBody>),
    );
}

/** Answers for paths that nothing serves. */
export function notFound(): never {
  throw new Problem(404, "There is nothing at this path");
}

export const problemHandler: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error);
  send(request, response, asProblem(error));
};

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  logger.error({ error }, "request failed");
  return new Problem(500, "Something went wrong here");
}
