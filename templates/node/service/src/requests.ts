import { AsyncResource } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import { context } from "./context.ts";
import { logger } from "./logger.ts";
import { requestDuration } from "./metrics.ts";

const HEADER = "X-Request-ID";
const ACCEPTED = /^[A-Za-z0-9._:/+=@-]{1,128}$/;
/** Status of requests whose client went away before the answer. */
const CLIENT_GONE = 499;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** Asked all the time by machines: measured, but not logged. */
const QUIET = /^\/(health\/|metrics$)/;

/** Runs each request within its own context, with the correlation id that came with it or a new one. */
export const correlate: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER);
  const id = given && ACCEPTED.test(given) ? given : randomUUID();
  response.set(HEADER, id);
  context.run({ correlationId: id }, next);
};

/** Measures each request and logs it in one line. */
export const observe: RequestHandler = (request, response, next) => {
  const started = performance.now();
  const done = AsyncResource.bind(() => {
    const elapsed = performance.now() - started;
    const { method, path } = request;
    const status = response.writableFinished ? response.statusCode : CLIENT_GONE;
    // Unknown methods and paths share one label each, so that no client can make series without end.
    requestDuration.observe(
      {
        method: METHODS.has(method) ? method : "OTHER",
        route: response.locals.route ?? "unknown",
        status,
      },
      elapsed / 1000,
    );
    if (!QUIET.test(path)) {
      const duration_ms = Math.round(elapsed * 10) / 10;
      logger.info({ method, path, status, duration_ms }, "request");
    }
  });
  response.once("close", done);
  next();
};
