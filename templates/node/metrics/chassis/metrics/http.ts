/** Rate, errors and duration of requests, and the endpoint of all metrics. */
import { Router } from "express";
import { Gauge, Histogram } from "prom-client";
import { dependencies } from "../health.ts";
import { registry, SECONDS } from "./registry.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

const requests = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "Time to answer a request",
  labelNames: ["http_request_method", "http_route", "http_response_status_code"] as const,
  buckets: SECONDS,
  registers: [registry],
});

const active = new Map<string, number>();

new Gauge({
  name: "http_server_active_requests",
  help: "Requests in hand",
  labelNames: ["http_request_method"] as const,
  registers: [registry],
  collect() {
    for (const [http_request_method, count] of active) this.set({ http_request_method }, count);
  },
});

const up = new Gauge({
  name: "dependency_up",
  help: "Whether a dependency answers",
  labelNames: ["dependency"] as const,
  registers: [registry],
});

/** Count a request until the returned function is called at its end. Unknown methods and paths share one label each. */
export function countRequest(method: string) {
  const http_request_method = METHODS.has(method) ? method : "_OTHER";
  const add = (change: number) =>
    active.set(http_request_method, (active.get(http_request_method) ?? 0) + change);
  add(1);
  return (route: string | undefined, status: number, seconds: number): void => {
    add(-1);
    requests.observe(
      { http_request_method, http_route: route ?? "unknown", http_response_status_code: status },
      seconds,
    );
  };
}

export const router = Router();

router.get("/metrics", async (request, response) => {
  response.locals.route = "/metrics";
  const { checks = {} } = await dependencies(request.app.locals.app);
  for (const [dependency, status] of Object.entries(checks)) {
    up.set({ dependency }, status === "ok" ? 1 : 0);
  }
  response.type(registry.contentType).send(await registry.metrics());
});
