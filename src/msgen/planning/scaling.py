"""How many replicas services have in a cluster, and what they may ask for together."""

from collections.abc import Iterable, Sequence

from msgen.description.model import DeploySpec, ScaleSpec
from msgen.planning.plan import Deploy, Quota, Scale, Service

REPLICAS, TARGET_CPU = 2, 70
CPU, MEMORY = "100m", "256Mi"
GROWTH = 3
"""How many times as many replicas there may be, where nothing says how many."""
LIMIT, LEAST_LIMIT = 2, 1000
"""What a replica may use for a while: so many times what it asks for, and at least so many thousandths of a CPU."""
BESIDES_CPU, BESIDES_MEMORY, BESIDES_PODS = 8000, 4096, 10
"""For what runs beside services and gateway, such as a database for development."""


def service_scale(own: ScaleSpec, common: ScaleSpec) -> Scale:
    """What a service says itself goes before what is said of all, and that before what is usual."""
    replicas = own.replicas or common.replicas or REPLICAS
    cpu = own.cpu or common.cpu or CPU
    limit = max(LEAST_LIMIT, LIMIT * thousandths(cpu))
    return Scale(
        replicas=replicas,
        max_replicas=own.autoscale.max or common.autoscale.max or GROWTH * replicas,
        target_cpu=own.autoscale.cpu or common.autoscale.cpu or TARGET_CPU,
        cpu=cpu,
        cpu_limit=str(limit // 1000) if limit % 1000 == 0 else f"{limit}m",
        memory=own.memory or common.memory or MEMORY,
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
    """For every replica that there may be, and for one more of each that takes the place of another."""
    found = [(s.max_replicas + 1, s) for s in scales]
    return Quota(
        pods=_roughly(BESIDES_PODS + sum(n for n, _ in found)),
        cpu=_roughly((BESIDES_CPU + sum(n * thousandths(s.cpu) for n, s in found)) / 1000),
        cpu_limit=_roughly((BESIDES_CPU + sum(n * thousandths(s.cpu_limit) for n, s in found)) / 1000),
        memory=_roughly((BESIDES_MEMORY + sum(n * mebibytes(s.memory) for n, s in found)) / 1024),
    )


def _roughly(wanted: float) -> int:
    """The power of two that suffices: the same for one service more or less, mostly."""
    found = 1
    while found < wanted:
        found *= 2
    return found


def thousandths(cpu: str) -> int:
    return int(cpu[:-1]) if cpu.endswith("m") else 1000 * int(cpu)


def mebibytes(memory: str) -> int:
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)
