"""Replicas and sizes that a cluster would reject, or kill at start."""

from collections.abc import Iterator

from msgen.core.errors import quoted
from msgen.description.model import ScaleSpec
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.scale import mebibytes, millicores, replica_range
from msgen.description.source_map import Where

LEAST_MEMORY, MOST_MEMORY = 128, 1024 * 1024
LEAST_CPU, MOST_CPU = 10, 64_000


def scales(system: System) -> Iterator[Finding]:
    common = system.description.deploy.kubernetes
    nothing = ScaleSpec.model_validate({})
    yield from _scale(("deploy", "kubernetes"), common, nothing)
    sound = _grows(common, nothing)
    for name, spec in system.description.services.items():
        # A problem of the common scale is reported once.
        if spec.kubernetes.model_fields_set and (sound or not _grows(spec.kubernetes, common)):
            yield from _scale(("services", name, "kubernetes"), spec.kubernetes, common)


def _grows(own: ScaleSpec, common: ScaleSpec) -> bool:
    replicas, max_replicas = replica_range(own, common)
    return max_replicas >= replicas


def _scale(where: Where, own: ScaleSpec, common: ScaleSpec) -> Iterator[Finding]:
    replicas, max_replicas = replica_range(own, common)
    if (own.replicas or own.autoscale.max) and not _grows(own, common):
        place: Where = (*where, "autoscale", "max") if own.autoscale.max else (*where, "replicas")
        message = f"{replicas} replicas exceed the maximum of {max_replicas}"
        hint = f"write `autoscale: {{max: {replicas}}}` or more, or fewer replicas"
        relies: tuple[Where, ...] = ((*where, "replicas"), (*where, "autoscale"), ("deploy", "kubernetes"))
        yield Finding(place, message, hint, relies=relies)
    if own.memory and not LEAST_MEMORY <= mebibytes(own.memory) <= MOST_MEMORY:
        yield Finding((*where, "memory"), f"{quoted(own.memory)} is out of range", "choose 128Mi to 1024Gi")
    if own.cpu and not LEAST_CPU <= millicores(own.cpu) <= MOST_CPU:
        yield Finding((*where, "cpu"), f"{quoted(own.cpu)} is out of range", "choose 10m to '64'")


RULES = (scales,)
