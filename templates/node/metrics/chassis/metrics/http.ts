/** Rate, errors and duration of requests, and the page that shows all metrics. */
import { type RequestHandler, Router } from "express";
import { Gauge, Histogram } from "prom-client";
import { dependencies } from "../health.ts";
import { registry, SECONDS } from "./registry.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/** Status of requests that ended without an answer. */
const CLIENT_GONE = 499;

const requests = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "Time to answer a request",
  labelNames: ["http_request_method", "http_route", "http_response_status_code"] as const,
  buckets: SECONDS,
  registers: [registry],
});

const active = new Gauge({
  name: "http_server_active_requests",
  help: "Requests in hand",
  labelNames: ["http_request_method"] as const,
  registers: [registry],
});

const up = new Gauge({
  name: "dependency_up",
  help: "Whether a dependency answers",
  labelNames: ["dependency"] as const,
  registers: [registry],
});

/** Measures each request. Unknown methods and paths share one label each. */
export const measure: RequestHandler = (request, response, next) => {
  const http_request_method = METHODS.has(request.method) ? request.method : "_OTHER";
  const stop = requests.startTimer({ http_request_method });
  active.inc({ http_request_method });
  response.once("close", () => {
    active.dec({ http_request_method });
    stop({
      http_route: response.locals.route ?? "unknown",
      http_response_status_code: response.writableFinished ? response.statusCode : CLIENT_GONE,
    });
  });
  next();
};

export const router = Router();

router.get("/metrics", async (request, response) => {
  response.locals.route = "/metrics";
  const { checks = {} } = await dependencies(request.app.locals.app);
  for (const [dependency, status] of Object.entries(checks)) {
    up.set({ dependency }, status === "ok" ? 1 : 0);
  }
  response.type(registry.contentType).send(await registry.metrics());
});
