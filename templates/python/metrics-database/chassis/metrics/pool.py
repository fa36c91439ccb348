"""The pool of database connections."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool

from chassis.database import MAX_OVERFLOW, POOL_SIZE, sessions

LABELS = ["db_client_connection_pool_name"]
NAME = ["default"]


class PoolCollector(Collector):
    """Asks the pool whenever Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        count = GaugeMetricFamily(
            "db_client_connection_count",
            "Connections to the database",
            labels=[*LABELS, "db_client_connection_state"],
        )
        most = GaugeMetricFamily(
            "db_client_connection_max", "How many there may be at once", labels=LABELS
        )
        engine = sessions.kw.get("bind")
        pool = engine.pool if engine else None
        if isinstance(pool, QueuePool):
            count.add_metric([*NAME, "used"], pool.checkedout())
            count.add_metric([*NAME, "idle"], pool.checkedin())
            most.add_metric(NAME, POOL_SIZE + MAX_OVERFLOW)
        yield count
        yield most


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    collector = PoolCollector()
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
