"""Summary of a new repository, as plain text."""

from shlex import quote

from msgen.commands.new import Made
from msgen.planning.service import Service


def summary(made: Made) -> str:
    """Describe the new repository and the next steps."""
    plan = made.plan
    width = max(len(service.name) for service in plan.services)
    rows = [f"  {service.name:<{width}}  {service.language}: {does(service)}" for service in plan.services]
    count = f"{len(rows)} service{'s' * (len(rows) != 1)}"
    git = "committed on branch main" if made.committed else "not in git"
    return "\n".join(
        [
            f"Created {made.target}: {count}, {len(made.tree)} files, {git}.",
            "",
            *rows,
            *(f"\nNote: {note}" for note in made.notes),
            "",
            "Next:",
            f"  cd {quote(str(made.target))}",
            f"  make up     # build and start; the gateway listens on http://localhost:{plan.gateway.port}",
            "  make test   # run the tests of all services, without Docker",
        ]
    )


def does(service: Service) -> str:
    """Describe a service in a few words."""
    parts = [service.blueprint] if service.blueprint else []
    parts += [resource.path for resource in service.resources]
    parts += [f"calls {call.name}" for call in service.calls]
    parts += [f"sends {queue.name}" for queue in service.sends]
    parts += [f"publishes {event.name}" for event in service.publishes]
    parts += [f"consumes {queue.name}" for queue in service.consumes]
    parts += [f"subscribes to {pattern}" for pattern in service.patterns]
    return ", ".join(parts) or "health and metrics"
