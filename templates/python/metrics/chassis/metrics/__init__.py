"""Metrics for Prometheus; names and labels follow OpenTelemetry's semantic conventions."""

from prometheus_client import disable_created_metrics

SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
"""The buckets of durations."""

disable_created_metrics()  # type: ignore[no-untyped-call]
