"""Find and kill all processes of a system, whoever started them: each has a mark in its environment."""

import contextlib
import os
import time

import psutil

MARK = "MSGEN_DEV"
"""Variable in the environment of every process of a system: the path of its `.msgen/dev`."""
SECONDS = 10
POLL_SECONDS = 0.05


def find(mark: str) -> list[psutil.Process]:
    """Return the processes with a mark, and their children, which may have overwritten it; not this one."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found |= {p.pid: p for p in (process, *process.children(recursive=True))}
        except (psutil.Error, OSError):
            continue
    return [process for pid, process in found.items() if pid != os.getpid()]


def kill(mark: str) -> int:
    """Kill the processes with a mark and wait until they are gone; return how many there were."""
    killed: set[int] = set()
    end = time.monotonic() + SECONDS
    while (found := find(mark)) and time.monotonic() < end:
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
            killed.add(process.pid)
        time.sleep(POLL_SECONDS)  # not psutil's wait, which would take the exit code away from asyncio
    return len(killed)
