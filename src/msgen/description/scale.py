"""Replica counts and resource quantities of a description."""

from msgen.description.model import ScaleSpec

DEFAULT_REPLICAS = 2
DEFAULT_GROWTH = 3
"""Maximum replicas per minimum replica, unless `autoscale.max` is set."""


def replica_range(own: ScaleSpec, common: ScaleSpec) -> tuple[int, int]:
    """Return the minimum and maximum replicas. Precedence: service, then `deploy`, then built-in default."""
    replicas = own.replicas or common.replicas or DEFAULT_REPLICAS
    return replicas, own.autoscale.max or common.autoscale.max or DEFAULT_GROWTH * replicas


def millicores(cpu: str) -> int:
    return int(cpu[:-1]) if cpu.endswith("m") else 1000 * int(cpu)


def mebibytes(memory: str) -> int:
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)
