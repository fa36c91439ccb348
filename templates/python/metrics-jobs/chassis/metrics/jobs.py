"""Metrics of jobs. Every replica reports the times of all of them, from the database."""

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("job_runs_total", "Runs of this replica by outcome", ["job_name", "outcome"])
DURATION = Histogram(
    "job_duration_seconds",
    "Duration of runs of this replica",
    ["job_name"],
    buckets=(0.1, 1, 10, 60, 300, 1800, 7200),
)
NEXT = Gauge("job_next_run_timestamp_seconds", "Time of the next run", ["job_name"])
SUCCEEDED = Gauge(
    "job_last_success_timestamp_seconds", "Scheduled time of the last success", ["job_name"]
)
FAILED = Gauge(
    "job_last_failure_timestamp_seconds", "Scheduled time of the last failure", ["job_name"]
)
