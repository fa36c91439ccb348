"""What the images of generated services add to those that they are made from, and how soon the services are ready.

    .venv/bin/python benchmarks/images.py     # needs Docker

Prints a table and writes it to images.md; exits with 1 where a goal is missed.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from bench import verdict

RESULTS = Path(__file__).with_name("images.md")
DESCRIPTION = Path(__file__).parents[1] / "examples" / "02-shop" / "msgen.yaml"
LANGUAGES = {"python": "python:3.13-slim", "node": "node:24-slim"}
SERVICES = ("auth", "users", "orders", "notifications", "analytics")
MOST_MEGABYTES, MOST_SECONDS, STARTS = 100, 3.0, 3

Row = tuple[str, str, str, float, float]
"""Language, service and goal; megabytes and seconds."""


def main() -> int:
    rows: list[Row] = []
    for language, base in LANGUAGES.items():
        with tempfile.TemporaryDirectory(prefix="msgen-images-") as scratch:
            root = generate(language, Path(scratch))
            compose = partial(run_compose, root, language)
            try:
                rows += measure(compose, language, base)
            finally:
                compose("down", "--volumes", "--remove-orphans")
    lines = ["| | added | ready after | goal |", "|---|---|---|---|"]
    lines += [
        f"| {language}, {name} | {size:.0f} MB | {ready:.1f} s | {goal} |" for language, name, goal, size, ready in rows
    ]
    head = (
        f"The shop in one language, {os.cpu_count()} processors, {platform.machine()}, {time.strftime('%Y-%m-%d')}\n\n"
    )
    text = head + "\n".join(lines) + "\n"
    print(text)
    RESULTS.write_text(text, "utf-8")
    return 1 if "MISSED" in text else 0


def generate(language: str, scratch: Path) -> Path:
    options = ["shop", "--language", language, "--into", scratch, "--no-git"]
    subprocess.run([sys.executable, "-m", "msgen", "new", *options], check=True, stdin=subprocess.DEVNULL)
    root = next(path for path in scratch.iterdir() if path.is_dir())
    published = {name: {"ports": ["127.0.0.1::8000"]} for name in SERVICES}
    (root / "ports.json").write_text(json.dumps({"services": published}))
    subprocess.run(["scripts/make-env"], cwd=root, check=True)
    return root


def run_compose(root: Path, language: str, *arguments: str) -> str:
    return subprocess.run(
        ["docker", "compose", "--file", "compose.yaml", "--file", "ports.json", *arguments],
        cwd=root,
        env=os.environ | {"COMPOSE_PROJECT_NAME": f"msgen-images-{language}"},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ).stdout


def measure(compose: Callable[..., str], language: str, base: str) -> list[Row]:
    compose("build")
    compose("up", "--detach", "--wait", *SERVICES)
    base_size = int(inspect(base, "{{.Size}}"))
    rows = []
    for service in SERVICES:
        container = compose("ps", "--quiet", service).strip()
        size = (int(inspect(inspect(container, "{{.Config.Image}}"), "{{.Size}}")) - base_size) / 1e6
        ready = median(seconds_to_ready(compose, service, container) for _ in range(STARTS))
        reached = size <= MOST_MEGABYTES and ready <= MOST_SECONDS
        goal = verdict(reached, f"at most {MOST_MEGABYTES} MB and {MOST_SECONDS:.0f} s")
        rows.append((language, service, goal, size, ready))
    return rows


def inspect(name: str, what: str) -> str:
    return subprocess.check_output(["docker", "inspect", "--format", what, name], text=True).strip()


def seconds_to_ready(compose: Callable[..., str], service: str, container: str) -> float:
    """From the start of its process to its first good answer, with all that it needs running."""
    subprocess.run(["docker", "restart", container], check=True, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{compose('port', service, '8000').strip().rpartition(':')[2]}/health/ready"
    started = datetime.fromisoformat(inspect(container, "{{.State.StartedAt}}"))
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=5):
                return time.time() - started.timestamp()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
