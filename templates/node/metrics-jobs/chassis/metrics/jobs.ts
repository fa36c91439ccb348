/** Metrics of jobs. Every replica reports the times of all of them, from the database. */
import { Counter, Gauge, Histogram } from "prom-client";
import { registry } from "./registry.ts";

const registers = [registry];

const runs = new Counter({
  name: "job_runs_total",
  help: "Runs of this replica by outcome",
  labelNames: ["job_name", "outcome"],
  registers,
});

const duration = new Histogram({
  name: "job_duration_seconds",
  help: "Duration of runs of this replica",
  labelNames: ["job_name"],
  buckets: [0.1, 1, 10, 60, 300, 1800, 7200],
  registers,
});

const nextRun = new Gauge({
  name: "job_next_run_timestamp_seconds",
  help: "Time of the next run",
  labelNames: ["job_name"],
  registers,
});

const lastSuccess = new Gauge({
  name: "job_last_success_timestamp_seconds",
  help: "Scheduled time of the last success",
  labelNames: ["job_name"],
  registers,
});

const lastFailure = new Gauge({
  name: "job_last_failure_timestamp_seconds",
  help: "Scheduled time of the last failure",
  labelNames: ["job_name"],
  registers,
});

export function measureRun(job_name: string, outcome: string, seconds: number): void {
  runs.inc({ job_name, outcome });
  duration.observe({ job_name }, seconds);
}

export function measureTimes(
  job_name: string,
  times: { next: Date; succeeded: Date; failed: Date | null },
): void {
  nextRun.set({ job_name }, times.next.getTime() / 1000);
  lastSuccess.set({ job_name }, times.succeeded.getTime() / 1000);
  lastFailure.set({ job_name }, (times.failed?.getTime() ?? 0) / 1000);
}
