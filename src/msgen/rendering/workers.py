"""Divide the services of a large system among processes."""

import os
import signal
from collections.abc import Callable, Container

from msgen.core.tree import File
from msgen.packs.pack import Pack
from msgen.planning.plan import Plan

Parts = list[dict[str, File]]
"""Files of each layer."""
Render = Callable[[Plan, Pack, Container[str]], Parts]

MIN_SERVICES = 60
"""Fewest services per process that are worth its start (half a second)."""
MAX_PROCESSES = 4


def run(render: Render, plan: Plan, pack: Pack) -> list[Parts]:
    """Call a function for each share of the services; `""` is the system. Raises what it raises."""
    owners = ["", *(service.name for service in plan.services)]
    count = min(os.cpu_count() or 1, MAX_PROCESSES, len(owners) // MIN_SERVICES)
    if count < 2:  # noqa: PLR2004
        return [render(plan, pack, owners)]
    import multiprocessing

    # A forked process could inherit a lock that the thread of the progress display holds.
    with multiprocessing.get_context("spawn").Pool(count, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        return pool.starmap(render, [(plan, pack, frozenset(owners[n::count])) for n in range(count)], chunksize=1)
