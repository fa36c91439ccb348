"""Makes templates/python/lock.json: every Python package that the built-in pack can use, resolved once.

Which packages those are is read from `packages` and `dev_packages` in its pack.yaml. All are resolved together, for
every platform and for Python from 3.11 on, so that whatever a service needs is a part of one set that fits together.
Run it after adding a package, or to take new versions: `python tools/lock_python.py [--upgrade]`.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import yaml

PACK = Path(__file__).parents[1] / "templates" / "python"
LOCK = PACK / "lock.json"

EXTRAS = {"pyjwt": ["crypto"], "sqlalchemy": ["asyncio"]}
"""Optional parts that services use; what they bring becomes a requirement of the package itself."""

MARKERS = {"uvloop": "sys_platform != 'win32'"}
"""Where packages that services ask for themselves are to be had."""


def main() -> None:
    names = wanted(yaml.safe_load((PACK / "pack.yaml").read_text()))
    kept = {} if "--upgrade" in sys.argv or not LOCK.exists() else json.loads(LOCK.read_text())
    LOCK.write_text(json.dumps(entries(resolve(names, kept)), indent=1, sort_keys=True) + "\n")


def wanted(pack: dict[str, Any]) -> list[str]:
    """The packages that layers provide."""
    lists = [row.get("provides", {}) for row in pack["layers"] if isinstance(row, dict)]
    return sorted(
        {name for provided in lists for key in ("packages", "dev_packages") for name in provided.get(key, ())}
    )


def resolve(names: list[str], kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The packages of uv's lock file, at the versions of `kept` as far as they are there."""
    manifest = {
        "dependencies": [requirement(name) for name in names],
        "constraints": [f"{name}=={entry['version']}" for name, entry in kept.items()],
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(
            '[project]\nname = "everything"\nversion = "0"\nrequires-python = ">=3.11"\n'
            f"dependencies = {json.dumps(manifest['dependencies'])}\n"
            f"[tool.uv]\nconstraint-dependencies = {json.dumps(manifest['constraints'])}\n"
        )
        subprocess.run([sys.executable, "-m", "uv", "lock", "--quiet", "--project", folder], check=True)
        packages: list[dict[str, Any]] = tomllib.loads(Path(folder, "uv.lock").read_text())["package"]
    if len({package["name"] for package in packages}) < len(packages):
        raise SystemExit("some package is locked at several versions: its entry would be ambiguous")
    return packages


def requirement(name: str) -> str:
    extras = f"[{','.join(EXTRAS[name])}]" if name in EXTRAS else ""
    marker = f" ; {MARKERS[name]}" if name in MARKERS else ""
    return f"{name}{extras}{marker}"


def entries(packages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    conditions: dict[str, list[str]] = {}
    for package in packages:
        edges = edges_of(package)
        for edge in edges:
            conditions.setdefault(edge["name"], []).append(edge.get("marker", ""))
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
        found[package["name"]] = {
            "version": package["version"],
            "extras": EXTRAS.get(package["name"], []),
            "requires": sorted({edge["name"] for edge in edges}),
            "hashes": sorted(file["hash"] for file in files),
        }
    del found["everything"]
    for name, entry in found.items():
        entry["marker"] = merged(conditions[name])
    return found


def edges_of(package: dict[str, Any]) -> list[dict[str, Any]]:
    extras = package.get("optional-dependencies", {})
    optional = [edge for name in EXTRAS.get(package["name"], ()) for edge in extras[name]]
    return [*package.get("dependencies", ()), *optional]


def merged(conditions: list[str]) -> str:
    """The environments in which any of those who require a package do; empty for all."""
    if not all(conditions):
        return ""
    distinct = sorted(set(conditions))
    return distinct[0] if len(distinct) == 1 else " or ".join(f"({condition})" for condition in distinct)


if __name__ == "__main__":
    main()
