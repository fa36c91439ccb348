"""Kills `msgen apply` at random moments; prints how often the next command found which tree.

A program of its own, because it forks: python kill.py PACK OLD NEW WORK TIMES SEED. OLD and NEW are the repository
before and after.
"""

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgen.commands import reconcile

EVENTS = frozenset({"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"})


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    found = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mode) for path in found}


def forked(work: Path, command: str, prepare: Callable[[], None] = lambda: None) -> int:
    """Starts a command in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.chdir(work)
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
            prepare()
            from msgen.cli import app

            code = app.run([command])
        finally:
            os._exit(code)
    return child


def fatal(at: int) -> Callable[[], None]:
    """Dies at so many steps of the writing."""

    def prepare() -> None:
        from msgen.repository import transaction

        perform, seen = transaction.perform, 0

        def count(event: str, _: object) -> None:
            nonlocal seen
            seen += event in EVENTS
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

        def counted(*arguments: object) -> None:
            sys.addaudithook(count)
            perform(*arguments)  # type: ignore[arg-type]

        transaction.perform = counted  # type: ignore[assignment]

    return prepare


def main() -> None:
    pack, old, new, work = map(Path, sys.argv[1:5])
    times, chance = int(sys.argv[5]), random.Random(int(sys.argv[6]))
    reconcile.builtin_root = lambda: pack

    before, after = tree(old), tree(new)
    outcomes: Counter[str] = Counter()
    longest = 0.2
    for number in range(times):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(old, work, symlinks=True)
        start = time.monotonic()
        if number % 2:
            child = forked(work, "apply", fatal(chance.randrange(1, 70)))
        else:
            child = forked(work, "apply")
            time.sleep(chance.random() * longest)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            longest = time.monotonic() - start
        command = chance.choice(["diff", "check", "apply"])
        os.waitpid(forked(work, command), 0)
        found = tree(work)
        which = "old" if found == before else "new" if found == after else "WRONG"
        if command == "apply" and which == "old":
            which = "WRONG"
        outcomes[f"{which} after {command}"] += 1
        outcomes["killed"] += os.WIFSIGNALED(status)
        if which == "WRONG":
            print(number, command, sorted(p for p in found.keys() | before.keys() if found.get(p) != before.get(p)))
            break
    print(*(f"{name}: {count}" for name, count in sorted(outcomes.items())), sep="\n")


main()
