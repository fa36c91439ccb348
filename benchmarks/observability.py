"""What observability costs: a list of a resource, asked of services with all of it on and with all of it off.

    .venv/bin/python benchmarks/observability.py     # needs Docker and wrk

Both systems run at once and are measured in turn, so that what else the machine does falls on both. Every request is
traced, which is the worst case, and the spans are sent to a receiver. Prints a table and writes it to observability.md.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

RESULTS = Path(__file__).with_name("observability.md")
RECEIVER = Path(__file__).parents[1] / "tests/e2e/receiver.py"
ROUNDS, SECONDS, CONNECTIONS, ROWS = 5, 4, 16, 100
LANGUAGES = {"python": "/books", "node": "/discs"}
FIELDS = "{title: string, price: decimal, pages: integer}"
KEPT = {"off": "{metrics: none, traces: none}", "on": "{metrics: prometheus, traces: jaeger}"}
PORTS = {("off", "python"): 18701, ("off", "node"): 18702, ("on", "python"): 18703, ("on", "node"): 18704}


@dataclass(frozen=True)
class Figures:
    rate: float
    """Requests a second."""
    p99: float
    """Milliseconds."""


def main() -> int:
    if not shutil.which("wrk"):
        print("This needs wrk; on Debian and Ubuntu: apt install wrk", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="msgen-observability-") as scratch:
        systems = {name: make(name, Path(scratch)) for name in KEPT}
        try:
            for root in systems.values():
                compose(root, "up", "--detach", "--build", "--wait", "python", "node")
            receive(systems["on"])
            for key, port in PORTS.items():
                fill(port, LANGUAGES[key[1]])
            measured: dict[tuple[str, str], list[Figures]] = {key: [] for key in PORTS}
            for _ in range(ROUNDS):
                for key, port in PORTS.items():
                    measured[key].append(load(port, LANGUAGES[key[1]]))
        finally:
            for root in systems.values():
                compose(root, "--profile", "*", "down", "--volumes")
    text = table({key: middle(figures) for key, figures in measured.items()})
    print(text)
    RESULTS.write_text(text, "utf-8")
    return 0


def make(name: str, scratch: Path) -> Path:
    description = f"""
msgen: 1
name: msgen-observability-{name}
observability: {KEPT[name]}
services:
  python: {{language: python, port: {PORTS[name, "python"]}, resources: {{book: {FIELDS}}}}}
  node: {{language: node, port: {PORTS[name, "node"]}, resources: {{disc: {FIELDS}}}}}
"""
    source = scratch / f"{name}.yaml"
    source.write_text(description)
    command = [sys.executable, "-m", "msgen", "new", name, "--description", str(source), "--into", str(scratch)]
    subprocess.run([*command, "--no-git"], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    subprocess.run(["scripts/make-env"], cwd=scratch / name, check=True, stdout=subprocess.DEVNULL)
    return scratch / name


def compose(root: Path, *arguments: str) -> None:
    environment = os.environ | {"GATEWAY_PORT": "0", "JAEGER_PAGE_PORT": "0"}
    command = ["docker", "compose", "--progress", "quiet", *arguments]
    subprocess.run(command, cwd=root, env=environment, check=True, stdin=subprocess.DEVNULL)


def receive(root: Path) -> None:
    """Puts a receiver of spans in the place of Jaeger."""
    image = "msgen-observability-on-python"
    override = {"image": image, "command": ["python", "/receiver.py"], "volumes": [f"{RECEIVER}:/receiver.py:ro"]}
    file = root / "compose.receiver.json"
    file.write_text(json.dumps({"services": {"jaeger": override}}))
    compose(root, "-f", "compose.yaml", "-f", file.name, "up", "--detach", "--no-deps", "jaeger")


def fill(port: int, path: str) -> None:
    for number in range(ROWS):
        body = json.dumps({"title": f"Title {number}", "price": "9.50", "pages": number}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"http://127.0.0.1:{port}{path}", body, headers)) as answer:
            assert answer.status == 201


def load(port: int, path: str) -> Figures:
    options = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration", str(SECONDS), "--latency"]
    command = ["wrk", *options, f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert rate and p99, said  # noqa: PT018 - one output
    return Figures(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])


def middle(figures: list[Figures]) -> Figures:
    return Figures(median(f.rate for f in figures), median(f.p99 for f in figures))


def table(measured: dict[tuple[str, str], Figures]) -> str:
    lines = [
        "# What observability costs",
        "",
        f"`GET` of a list of 20, {CONNECTIONS} connections, median of {ROUNDS} rounds of {SECONDS} s each, in turn;",
        f"every request is traced. {platform.machine()}, {os.cpu_count()} processors, shared with all else.",
        "",
        "| service | off | on | on / off | p99 off | p99 on |",
        "|---|---|---|---|---|---|",
    ]
    for language in LANGUAGES:
        off, on = measured["off", language], measured["on", language]
        rates = f"{off.rate:.0f}/s | {on.rate:.0f}/s | {on.rate / off.rate:.2f}"
        lines.append(f"| {language} | {rates} | {off.p99:.0f} ms | {on.p99:.0f} ms |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
