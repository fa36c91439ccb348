"""Metrics of the pool of database connections."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import MAX_OVERFLOW, POOL_SIZE

LABELS = ["db_client_connection_pool_name"]
NAME = ["default"]


class PoolCollector(Collector):
    """Reads the pool at each scrape."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        count = GaugeMetricFamily(
            "db_client_connection_count",
            "Connections to the database",
            labels=[*LABELS, "db_client_connection_state"],
        )
        most = GaugeMetricFamily(
            "db_client_connection_max", "Maximum number of connections", labels=LABELS
        )
        pool = self.engine.pool
        if isinstance(pool, QueuePool):
            count.add_metric([*NAME, "used"], pool.checkedout())
            count.add_metric([*NAME, "idle"], pool.checkedin())
            most.add_metric(NAME, POOL_SIZE + MAX_OVERFLOW)
        yield count
        yield most


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    collector = PoolCollector(app.state.engine)
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
