/** Metrics for Prometheus; names and labels follow OpenTelemetry's semantic conventions. */
import { collectDefaultMetrics, Registry } from "prom-client";

export const registry = new Registry();

/** The buckets of durations. */
export const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

collectDefaultMetrics({ register: registry });
