import { Router } from "express";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

export const registry = new Registry();

collectDefaultMetrics({ register: registry });

export const requestDuration = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "Time to answer a request",
  labelNames: ["method", "route", "status"] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

export const router = Router();

router.get("/metrics", async (_request, response) => {
  response.locals.route = "/metrics";
  response.type(registry.contentType).send(await registry.metrics());
});
