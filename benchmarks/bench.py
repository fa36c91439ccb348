"""What msgen's speed rests on, measured side by side in one run; prints a table and writes it to results.md.

    make bench

Every figure is a median; commands that are compared run in turn, so that what else the machine does falls on both.
Exits with 1 where a goal is missed.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from copier_twin import make_twin, shop_plan

from msgen.commands.new import Request, new
from msgen.packs.pack import builtin_root, load_pack
from msgen.rendering.renderer import render
from msgen.repository.creation import write_tree

BIN = Path(sys.executable).parent
RESULTS = Path(__file__).with_name("results.md")
GROWTH = (5, 10, 20, 50, 100, 200)

Row = tuple[str, str, str]
"""What was measured, the figure, and the goal."""


@dataclass(frozen=True)
class Work:
    run: Callable[[], object]
    clear: Path | None = None
    """What it makes, to be cleared away before, which is not measured."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="msgen-bench-") as scratch:
        parts = [start_up(), shop(Path(scratch)), growth(Path(scratch))]
    missed = [name for part in parts for name, _, goal in part if goal.startswith("MISSED")]
    text = table([row for part in parts for row in part])
    print(text)
    RESULTS.write_text(text, "utf-8")
    return 1 if missed else 0


def start_up() -> list[Row]:
    works = {
        "python -c pass": process(BIN / "python", "-c", "pass"),
        "msgen --version": process(BIN / "msgen", "--version"),
        "copier --version": process(BIN / "copier", "--version"),
    }
    seconds = in_turn(works, 21)
    ratio = seconds["copier --version"] / seconds["msgen --version"]
    return [
        *((name, f"{1000 * value:.0f} ms", "") for name, value in seconds.items()),
        ("start-up: copier / msgen", f"{ratio:.1f}", verdict(ratio >= 4, "at least 4")),
    ]


def shop(scratch: Path) -> list[Row]:
    """The shop: against copying the result, and against Copier with the same templates."""
    target, whole, copy, ours_in, theirs_in = (scratch / name for name in ("myshop", "whole", "copy", "ours", "theirs"))
    msgen = (BIN / "msgen", "new", "myshop", "--defaults", "--into", scratch)
    process(*msgen).run()
    target.rename(whole)
    files = sum(path.is_file() and ".git" not in path.parts for path in whole.rglob("*"))
    rendered, run_copier = make_twin(scratch / "template", theirs_in)
    works = {
        "msgen new myshop, with git": process(*msgen, clear=target),
        "msgen new myshop --no-git": process(*msgen, "--no-git", clear=target),
        "cp -r of the result": process("cp", "-r", whole, copy, clear=copy),
        f"msgen: {rendered} files rendered, in process": Work(lambda: render_and_write(ours_in), ours_in),
        f"Copier: the same {rendered} files, in process": Work(run_copier, theirs_in),
    }
    seconds = in_turn(works, 5)
    with_git, _, copying, ours, theirs = seconds.values()
    ratio = theirs / ours
    return [
        *((name, f"{1000 * value:.0f} ms", "") for name, value in seconds.items()),
        (f"a new shop of {files} files", f"{with_git:.2f} s", verdict(with_git <= 1, "at most 1 s")),
        ("a new shop / cp -r", f"{with_git / copying:.1f}", ""),
        ("per file: msgen", f"{1000 * ours / rendered:.2f} ms", ""),
        ("per file: Copier", f"{1000 * theirs / rendered:.2f} ms", ""),
        ("per file: Copier / msgen", f"{ratio:.0f}", verdict(ratio >= 20, "at least 20")),
    ]


def growth(scratch: Path) -> list[Row]:
    """Systems of 5 to 200 services, in process, rendered and written without git."""
    rows = []
    each: dict[int, float] = {}
    for count in GROWTH:
        description = scratch / f"system{count}.yaml"
        description.write_text(json.dumps(system(count)))
        request = Request(f"system{count}", scratch, description=description, git=False)
        seconds = in_turn({"": Work(partial(new, request), scratch / f"system{count}")}, 3)[""]
        each[count] = seconds / count
        rows.append((f"{count} services", f"{seconds:.2f} s, {1000 * each[count]:.1f} ms each", ""))
    # Against 50 and not 5, where what every run costs would hide how the rest grows.
    ratio = each[200] / each[50]
    return [*rows, ("time per service: 200 / 50", f"{ratio:.2f}", verdict(ratio <= 1.25, "at most 1.25 (linear)"))]


def system(count: int) -> dict[str, Any]:
    """Services with a resource each; each calls the one before it, and every fifth hears the events of all."""
    services: dict[str, Any] = {}
    for number in range(count):
        service: dict[str, Any] = {
            "resources": {f"thing{number}": {"name": "string", "amount": "decimal"}},
            "publishes": [f"thing{number}.created"],
        }
        if number:
            service["calls"] = [f"service{number - 1}"]
        if number % 5 == 0:
            service["subscribes"] = [f"thing{number}.*"]
        services[f"service{number}"] = service
    return {"msgen": 1, "name": f"system{count}", "services": services}


def render_and_write(folder: Path) -> None:
    """Renders the shop's templates and writes their results, which is what Copier's twin does."""
    folder.mkdir()
    write_tree(render(shop_plan(), load_pack(builtin_root())), folder)


def process(*arguments: str | Path, clear: Path | None = None) -> Work:
    return Work(lambda: subprocess.run(arguments, check=True, capture_output=True), clear)


def in_turn(works: dict[str, Work], times: int) -> dict[str, float]:
    """Seconds that each takes, the median of several rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            if work.clear:
                shutil.rmtree(work.clear, ignore_errors=True)
            begun = time.perf_counter()
            work.run()
            seconds[name].append(time.perf_counter() - begun)
    return {name: median(values) for name, values in seconds.items()}


def verdict(reached: bool, goal: str) -> str:
    return goal if reached else f"MISSED: {goal}"


def table(rows: list[Row]) -> str:
    head = f"msgen, on Python {platform.python_version()}, {platform.machine()}, written by `make bench`\n\n"
    lines = ["| measured | figure | goal |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
