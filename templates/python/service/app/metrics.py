"""Metrics for Prometheus: rate, errors and duration of requests, and those of the process."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest

router = APIRouter(include_in_schema=False)

REQUEST_DURATION = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request",
    labelnames=["method", "route", "status"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
