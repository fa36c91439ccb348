"""Gateway, scale and quota."""

from dataclasses import dataclass

from msgen.core.naming import Name
from msgen.planning.operations import Operation


@dataclass(frozen=True)
class Route:
    """A path prefix that the gateway routes to a service, unchanged."""

    prefix: str
    service: Name
    exact: bool = False
    authenticated: bool = True
    """Whether the gateway requires a valid access token."""
    public_methods: tuple[str, ...] = ()
    """HTTP methods that need no token; one that is sent has to be valid."""


@dataclass(frozen=True)
class Gateway:
    port: int
    """Port on the host."""
    rate: int
    """Requests per client in `rate_seconds`."""
    rate_seconds: int
    cors: tuple[str, ...]
    routes: tuple[Route, ...]
    """Longest prefix first."""
    public_operations: tuple[Operation, ...] = ()
    """Operations that need no token."""


@dataclass(frozen=True)
class Scale:
    """Replicas in a cluster and their size, as Kubernetes quantities."""

    replicas: int
    """Minimum replica count."""
    max_replicas: int
    target_cpu: int
    """Target CPU utilization in per cent of the request."""
    cpu: str
    """Request per replica."""
    cpu_limit: str
    memory: str
    """Request and limit per replica."""

    @property
    def autoscaled(self) -> bool:
        return self.max_replicas > self.replicas


@dataclass(frozen=True)
class Quota:
    """Resource quota of the namespace, rounded up so that it rarely changes."""

    pods: int
    cpu: int
    """Requests in cores."""
    cpu_limit: int
    memory: int
    """Requests in GiB."""


@dataclass(frozen=True)
class Deploy:
    registry: str
    """Image registry prefix with its slash; empty if there is none."""
    tag: str
    host: str | None
    gateway: Scale
    quota: Quota
