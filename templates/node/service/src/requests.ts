import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import { context } from "./context.ts";
import { logger } from "./logger.ts";
import { requestDuration } from "./metrics.ts";

const HEADER = "X-Request-ID";
const ACCEPTED = /^[\w.:-]{1,128}$/;
const UNOBSERVED = /^\/(health|metrics)(\/|$)/;

/** Runs each request within its own context, with the correlation id that came with it or a new one. */
export const correlate: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER);
  const id = given && ACCEPTED.test(given) ? given : randomUUID();
  response.set(HEADER, id);
  context.run({ correlationId: id }, next);
};

/** Measures each request and logs it in one line. */
export const observe: RequestHandler = (request, response, next) => {
  const { method, path } = request;
  if (UNOBSERVED.test(path)) return next();
  const started = process.hrtime.bigint();
  const store = context.getStore();
  response.once("close", () => {
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const status = response.writableFinished ? response.statusCode : 499;
    const route: string = response.locals.route ?? "unmatched";
    requestDuration.observe({ method, route, status }, seconds);
    const duration_ms = Math.round(seconds * 1e5) / 100;
    const log = () => logger.info({ method, path, status, duration_ms }, "request");
    store ? context.run(store, log) : log();
  });
  next();
};
