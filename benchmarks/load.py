"""Load on a service, by wrk."""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

POST = """
wrk.method = "POST"
wrk.body = [[%s]]
wrk.headers["Content-Type"] = "application/json"
"""
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000}


@dataclass(frozen=True)
class Load:
    rate: float
    """Requests a second."""
    p99: float
    """Milliseconds."""
    requests: int


def has_wrk() -> bool:
    """Whether there is one; says on stderr how to get it."""
    found = bool(shutil.which("wrk"))
    if not found:
        print("This needs wrk; on Debian and Ubuntu: apt install wrk", file=sys.stderr)
    return found


def wrk(url: str, connections: int, seconds: int, token: str = "", body: str = "") -> Load:
    """Asks again and again, from one thread; every answer has to be a good one."""
    options = ["--threads", "1", "--connections", str(connections), "--duration", str(seconds), "--latency"]
    if token:
        options += ["--header", f"Authorization: Bearer {token}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if body:
            script.write(POST % body)
            script.flush()
            options += ["--script", script.name]
        said = subprocess.run(["wrk", *options, url], check=True, text=True, capture_output=True).stdout
    assert "Non-2xx" not in said, said
    p99, unit = find(r"99%\s+([\d.]+)(us|ms|s)", said)
    rate = find(r"Requests/sec:\s+([\d.]+)", said)[0]
    requests = find(r"(\d+) requests in", said)[0]
    return Load(float(rate), float(p99) * MILLISECONDS[unit], int(requests))


def find(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    assert match, text
    return match.groups()
