"""Throughput of generated services beside services written by hand.

    .venv/bin/python benchmarks/throughput.py     # needs Docker and wrk

The generated services check an access token, log and measure each request. So do the baselines called guarded; the
others only answer the same queries. All have one processor, the same packages, the same PostgreSQL and the same client;
they are measured in turn.
Prints a table and writes it to throughput.md, above what is said there of it; exits with 1 where a goal is missed.
"""

import json
import os
import platform
import re
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
from urllib.request import Request, urlopen

from bench import verdict
from load import Load, has_wrk, wrk

RESULTS = Path(__file__).with_name("throughput.md")
BASELINE = Path(__file__).with_name("baseline")
KINDS = {"get": "", "list": "", "create": '{"title": "Dune", "price": "9.99", "pages": 412}'}
"""Kind of request -> its body."""
LANGUAGES = ("python", "node")
ROUNDS, SECONDS, CONNECTIONS, ROWS = 5, 3, 16, 1000

FIELDS = "{title: string, price: decimal, pages: integer}"
DESCRIPTION = f"""
msgen: 1
name: bench
defaults: {{access: open}} # the baselines have no owners
services:
  accounts: {{blueprint: auth}}
  shelves: {{language: python, publishes: [book.created], resources: {{book: {FIELDS}}}}}
  racks: {{language: node, publishes: [disc.created], resources: {{disc: {FIELDS}}}}}
"""


@dataclass(frozen=True)
class Server:
    name: str
    service: str
    """Whose image, packages and database it has."""
    path: str
    command: tuple[str, ...] = ()
    """What is run instead of the generated service."""

    @property
    def kinds(self) -> set[str]:
        """Requests that it answers. Creation is compared between services with an outbox only."""
        return {*KINDS} if self.name in (*LANGUAGES, *(f"{name}-guarded" for name in LANGUAGES)) else {"get", "list"}


UVICORN = ("uvicorn", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", "--log-level", "warning")
SERVERS = (
    Server("python", "shelves", "/books"),
    Server("python-sqlalchemy", "shelves", "/books", (*UVICORN, "orm:app")),
    Server("python-guarded", "shelves", "/books", (*UVICORN, "guarded:app")),
    Server("python-asyncpg", "shelves", "/books", (*UVICORN, "service:app")),
    Server("node", "racks", "/discs"),
    Server("node-pg", "racks", "/discs", ("node", "service.mjs")),
    Server("node-guarded", "racks", "/discs", ("node", "guarded.mjs")),
)
GOALS = {
    ("python", "python-sqlalchemy"): 0.85,
    ("python", "python-guarded"): 1.0,
    ("python", "python-asyncpg"): None,
    ("node", "node-pg"): 0.7,
    ("node", "node-guarded"): 1.0,
}
"""Generated service, service by hand -> least ratio of their requests per second."""


@dataclass(frozen=True)
class Figures(Load):
    cost: float
    """Milliseconds of processor time a request."""


def main() -> int:
    if not has_wrk():
        return 2
    with tempfile.TemporaryDirectory(prefix="msgen-throughput-") as scratch:
        root = generate(Path(scratch))
        compose = partial(run_compose, root)
        try:
            measured = measure(compose)
        finally:
            compose("down", "--volumes", "--remove-orphans")
    text, missed = report(measured)
    print(text)
    said = RESULTS.read_text("utf-8").partition("\n## ") if RESULTS.exists() else ("", "", "")
    RESULTS.write_text(text + said[1] + said[2], "utf-8")
    return 1 if missed else 0


def generate(scratch: Path) -> Path:
    (scratch / "bench.yaml").write_text(DESCRIPTION)
    options = ["--description", scratch / "bench.yaml", "--into", scratch, "--no-git"]
    subprocess.run([sys.executable, "-m", "msgen", "new", "bench", *options], check=True, stdin=subprocess.DEVNULL)
    root = scratch / "bench"
    (root / "compose.override.yaml").write_text(json.dumps({"services": dict(map(added, SERVERS))}))
    subprocess.run(["scripts/make-env"], cwd=root, check=True)
    return root


def added(server: Server) -> tuple[str, dict[str, object]]:
    """What compose has to know of a server besides what is generated."""
    published = {"ports": ["127.0.0.1::8000"]}
    if not server.command:
        return server.service, published
    password = f"${{{server.service.upper()}_DATABASE_PASSWORD}}"
    url = f"postgresql://{server.service}:{password}@postgres:5432/{server.service}"
    return server.name, {
        **published,
        "image": f"bench-{server.service}",
        "pull_policy": "never",
        "command": list(server.command),
        "environment": {
            "DATABASE_URL": url,
            "TOKEN_ISSUER": "bench",
            "TOKEN_AUDIENCE": "bench",
            "JWKS_URL": "http://accounts:8000/.well-known/jwks.json",
        },
        "volumes": [f"{path}:/srv/{path.name}:ro" for path in BASELINE.iterdir() if path.is_file()],
        "networks": ["edge", "data"],
        "deploy": {"resources": {"limits": {"cpus": "1", "memory": "512M"}}},
        "depends_on": {server.service: {"condition": "service_healthy"}},
        "healthcheck": {"disable": True},
    }


def run_compose(root: Path, *arguments: str) -> str:
    environment = os.environ | {"COMPOSE_PROJECT_NAME": "msgen-throughput"}
    return subprocess.run(
        ["docker", "compose", *arguments],
        cwd=root,
        env=environment,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ).stdout


def measure(compose: Callable[..., str]) -> dict[tuple[str, str], list[Figures]]:
    compose("build")
    compose("up", "--detach", "--wait", "accounts", *(s.service for s in SERVERS if not s.command))
    compose("up", "--detach", *(s.name for s in SERVERS if s.command))
    token = log_in(compose)
    urls = {s: f"http://127.0.0.1:{port(compose, s)}{s.path}" for s in SERVERS}
    ids = {s.path: fill(compose, s) for s in SERVERS}
    works = {(s.name, kind): (s, url(urls[s], ids[s.path], kind)) for kind in KINDS for s in SERVERS if kind in s.kinds}
    for (_, kind), (_, target) in works.items():
        if kind != "create":
            answer = patiently(Request(target, headers={"Authorization": f"Bearer {token}"}))
            assert "pages" in answer or len(answer["items"]) == 20, answer
        wrk(target, CONNECTIONS, 2, token, KINDS[kind])
    measured: dict[tuple[str, str], list[Figures]] = {key: [] for key in works}
    for _ in range(ROUNDS):
        for key, (server, target) in works.items():
            before = processor_seconds(compose, server)
            load = wrk(target, CONNECTIONS, SECONDS, token, KINDS[key[1]])
            cost = (processor_seconds(compose, server) - before) / load.requests
            measured[key].append(Figures(**vars(load), cost=1000 * cost))
    return measured


def patiently(request: Request) -> dict[str, Any]:
    """The first answer of a server, which may still be starting."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return dict(json.loads(urlopen(request).read()))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def url(collection: str, known: str, kind: str) -> str:
    return {"get": f"{collection}/{known}", "list": f"{collection}?limit=20&offset=0", "create": collection}[kind]


def port(compose: Callable[..., str], server: Server) -> str:
    return compose("port", server.name if server.command else server.service, "8000").strip().rpartition(":")[2]


def log_in(compose: Callable[..., str]) -> str:
    """A new account's access token, got in its container, for it has no port here."""
    ask = """
import json, urllib.request, uuid
def post(action, **body):
    headers = {"Content-Type": "application/json"}
    url = f"http://127.0.0.1:8000/accounts/{action}"
    return urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).read()
who = {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery staple"}
post("register", name="Ann", **who)
print(json.loads(post("login", **who))["access_token"])
"""
    return compose("exec", "-T", "accounts", "python", "-c", ask).strip()


def fill(compose: Callable[..., str], server: Server) -> str:
    """Rows for its table, unless there are some; the id of one of them."""
    table = server.path.strip("/")
    columns = "id, version, created_at, updated_at, title, price, pages"
    values = "gen_random_uuid(), 1, now() - n * interval '1 s', now(), 'Title ' || n, n + 0.5, 300"
    rows = f"insert into {table} ({columns}) select {values} from generate_series(1, {ROWS}) n"
    fill_it = f"{rows} where not exists (select from {table}); analyze {table}"
    psql = ("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", server.service, "-Atqc")
    compose(*psql, fill_it)
    return compose(*psql, f"select id from {table} order by created_at limit 1").strip()


def processor_seconds(compose: Callable[..., str], server: Server) -> float:
    """What its container has used so far."""
    file = "cat /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpuacct/cpuacct.usage"
    said = compose("exec", "-T", server.name if server.command else server.service, "sh", "-c", file)
    used = re.search(r"usage_usec (\d+)", said)
    return int(used[1]) / 1e6 if used else int(said) / 1e9


def report(measured: dict[tuple[str, str], list[Figures]]) -> tuple[str, bool]:
    def figure(key: tuple[str, str], name: str) -> float:
        return median(getattr(figures, name) for figures in measured[key])

    lines = ["| | requests/s | p99 | processor time a request |", "|---|---|---|---|"]
    for key in measured:
        columns = f"{figure(key, 'rate'):.0f} | {figure(key, 'p99'):.0f} ms | {figure(key, 'cost'):.2f} ms"
        lines.append(f"| {' '.join(key)} | {columns} |")
    lines += [
        "",
        "| generated / by hand | requests/s | processor time (by hand / generated) | goal |",
        "|---|---|---|---|",
    ]
    missed = False
    for (generated, by_hand), least in GOALS.items():
        for kind in (kind for kind in KINDS if {(generated, kind), (by_hand, kind)} <= measured.keys()):
            # Within a round, so that what else the machine does falls on both.
            rounds = zip(measured[generated, kind], measured[by_hand, kind], strict=True)
            ratios = [(ours.rate / theirs.rate, theirs.cost / ours.cost) for ours, theirs in rounds]
            rate, cost = (median(column) for column in zip(*ratios, strict=True))
            missed |= least is not None and rate < least
            goal = verdict(rate >= least, f"at least {least:.0%}") if least else ""
            lines.append(f"| {generated} / {by_hand}, {kind} | {rate:.0%} | {cost:.0%} | {goal} |")
    load = f"{CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s"
    head = f"{load}, {os.cpu_count()} processors, {platform.machine()}, {time.strftime('%Y-%m-%d')}\n\n"
    return head + "\n".join(lines) + "\n", missed


if __name__ == "__main__":
    sys.exit(main())
