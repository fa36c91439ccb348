"""Replicas, resource requests and limits, and the quota of the namespace."""

from collections.abc import Iterable, Sequence

from msgen.description.model import DeploySpec, ScaleSpec
from msgen.description.scale import mebibytes, millicores, replica_range
from msgen.planning.deployment import Deploy, Quota, Scale
from msgen.planning.service import Service

DEFAULT_CPU, DEFAULT_MEMORY, DEFAULT_TARGET_CPU = "100m", "256Mi", 70
LIMIT_FACTOR, MIN_LIMIT = 2, 1000
"""CPU limit as a multiple of the request, and its minimum in millicores."""
RESERVED_CPU, RESERVED_MEMORY, RESERVED_PODS = 8000, 4096, 10
"""Millicores, MiB and pods for workloads besides services and gateway, such as a development database."""


def service_scale(own: ScaleSpec, common: ScaleSpec) -> Scale:
    """Resolve the scale of a service. Precedence: service, then `deploy`, then built-in default."""
    replicas, max_replicas = replica_range(own, common)
    cpu = own.cpu or common.cpu or DEFAULT_CPU
    limit = max(MIN_LIMIT, LIMIT_FACTOR * millicores(cpu))
    return Scale(
        replicas=replicas,
        max_replicas=max_replicas,
        target_cpu=own.autoscale.cpu or common.autoscale.cpu or DEFAULT_TARGET_CPU,
        cpu=cpu,
        cpu_limit=str(limit // 1000) if limit % 1000 == 0 else f"{limit}m",
        memory=own.memory or common.memory or DEFAULT_MEMORY,
    )


def plan_deploy(spec: DeploySpec, services: Sequence[Service]) -> Deploy:
    gateway = service_scale(ScaleSpec.model_validate({}), spec.kubernetes)
    return Deploy(
        registry=f"{spec.registry}/" if spec.registry else "",
        tag=spec.tag,
        host=spec.kubernetes.host,
        gateway=gateway,
        quota=_quota([gateway, *(s.scale for s in services)]),
    )


def _quota(scales: Iterable[Scale]) -> Quota:
    """Sum the maximum replicas of each scale, plus one surge replica during a rolling update."""
    found = [(s.max_replicas + 1, s) for s in scales]
    return Quota(
        pods=_power_of_two(RESERVED_PODS + sum(n for n, _ in found)),
        cpu=_power_of_two((RESERVED_CPU + sum(n * millicores(s.cpu) for n, s in found)) / 1000),
        cpu_limit=_power_of_two((RESERVED_CPU + sum(n * millicores(s.cpu_limit) for n, s in found)) / 1000),
        memory=_power_of_two((RESERVED_MEMORY + sum(n * mebibytes(s.memory) for n, s in found)) / 1024),
    )


def _power_of_two(wanted: float) -> int:
    """Round up, so that adding one service rarely changes the quota."""
    found = 1
    while found < wanted:
        found *= 2
    return found
