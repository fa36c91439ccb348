import { DrizzleQueryError } from "drizzle-orm";
import type { ErrorRequestHandler } from "express";
import { Problem } from "./problems.ts";

// Classes of PostgreSQL's error codes: connection, rollback (deadlock), resources, intervention by an operator.
const UNAVAILABLE = /^(08|40|53|57)...$|^E(CONN|AI_|NOTFOUND|TIMEDOUT|PIPE|HOSTUNREACH)/;
const NO_CONNECTION =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect)/;

/** Whether the database is unavailable; errors of other connections do not count. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof DrizzleQueryError) return isOutage(error.cause);
  return error instanceof Error && NO_CONNECTION.test(error.message);
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return UNAVAILABLE.test(code) || NO_CONNECTION.test(error.message) || isOutage(error.cause);
}

/** Respond with 503 while the database is unavailable. */
export const errorHandler: ErrorRequestHandler = (error, _request, _response, next) => {
  if (error instanceof Problem || !isUnavailable(error)) return next(error);
  const headers = { "Retry-After": "5" };
  next(new Problem(503, "The database is not available.", { headers, cause: error }));
};
