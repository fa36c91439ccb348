"""What observability costs: a list of a resource, asked of services with all of it off, and on.

    .venv/bin/python benchmarks/observability.py     # needs Docker and wrk

The systems run at once and are measured in turn, so that what else the machine does falls on all. Traces are kept of
every tenth request, and of all, which is the worst case; the spans are sent to a receiver on the same machine. Prints
a table and writes it to observability.md.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from load import Load, has_wrk, wrk

RESULTS = Path(__file__).with_name("observability.md")
RECEIVER = Path(__file__).parents[1] / "tests/e2e/receiver.py"
ROUNDS, SECONDS, CONNECTIONS, ROWS = 5, 4, 16, 100
LANGUAGES = {"python": "/books", "node": "/discs"}
FIELDS = "{title: string, price: decimal, pages: integer}"
ON = "{metrics: prometheus, traces: jaeger}"
PARTS = {"off": "{metrics: none, traces: none}", "tenth": ON, "all": ON}
RATIOS = {"off": "", "tenth": "0.1", "all": "1"}
PORTS = {(name, language): 18700 + 2 * i + j for i, name in enumerate(PARTS) for j, language in enumerate(LANGUAGES)}


def main() -> int:
    if not has_wrk():
        return 2
    with tempfile.TemporaryDirectory(prefix="msgen-observability-") as scratch:
        systems = {name: make(name, Path(scratch)) for name in PARTS}
        try:
            for root in systems.values():
                compose(root, "up", "--detach", "--build", "--wait", "python", "node")
            for name in ("tenth", "all"):
                receive(name, systems[name])
            for key, port in PORTS.items():
                fill(port, LANGUAGES[key[1]])
            measured: dict[tuple[str, str], list[Load]] = {key: [] for key in PORTS}
            for _ in range(ROUNDS):
                for key, port in PORTS.items():
                    measured[key].append(wrk(f"http://127.0.0.1:{port}{LANGUAGES[key[1]]}", CONNECTIONS, SECONDS))
        finally:
            for root in systems.values():
                compose(root, "--profile", "*", "down", "--volumes")
    text = table(measured)
    print(text)
    RESULTS.write_text(text, "utf-8")
    return 0


def make(name: str, scratch: Path) -> Path:
    description = f"""
msgen: 1
name: msgen-observability-{name}
observability: {PARTS[name]}
services:
  python: {{language: python, port: {PORTS[name, "python"]}, resources: {{book: {FIELDS}}}}}
  node: {{language: node, port: {PORTS[name, "node"]}, resources: {{disc: {FIELDS}}}}}
"""
    source = scratch / f"{name}.yaml"
    source.write_text(description)
    command = [sys.executable, "-m", "msgen", "new", name, "--description", str(source), "--into", str(scratch)]
    subprocess.run([*command, "--no-git"], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    root = scratch / name
    subprocess.run(["scripts/make-env"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    services = (root / "compose.yaml").read_text()
    (root / "compose.yaml").write_text(services.replace('SAMPLER_ARG: "1"', f'SAMPLER_ARG: "{RATIOS[name]}"'))
    return root


def compose(root: Path, *arguments: str) -> None:
    environment = os.environ | {"GATEWAY_PORT": "0", "JAEGER_PAGE_PORT": "0"}
    command = ["docker", "compose", "--progress", "quiet", *arguments]
    subprocess.run(command, cwd=root, env=environment, check=True, stdin=subprocess.DEVNULL)


def receive(name: str, root: Path) -> None:
    """Puts a receiver of spans in the place of Jaeger."""
    image = f"msgen-observability-{name}-python"
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


def table(measured: dict[tuple[str, str], list[Load]]) -> str:
    lines = [
        "# What observability costs",
        "",
        f"`GET` of a list of 20, {CONNECTIONS} connections, median of {ROUNDS} alternating rounds of {SECONDS} s,",
        f"on {platform.machine()} with {os.cpu_count()} processors, shared by database, client and receiver.",
        '"Tenth" and "all" have metrics, and traces of every tenth request or of all requests.',
        "",
        "| service | off | tenth | all | tenth / off | all / off | p99 off | p99 tenth | p99 all |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for language in LANGUAGES:
        rates = [median(load.rate for load in measured[name, language]) for name in PARTS]
        cells = [f"{rate:.0f}/s" for rate in rates]
        cells += [f"{rate / rates[0]:.2f}" for rate in rates[1:]]
        cells += [f"{median(load.p99 for load in measured[name, language]):.0f} ms" for name in PARTS]
        lines.append(f"| {language} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
