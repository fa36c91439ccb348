"""Makes templates/node/lock.json: every npm package that a Node.js layer of the pack can use, resolved once, together.

    python tools/lock_node.py [--upgrade]

It asks npm for one resolution of all packages that its `pack.yaml` names, at their locked versions as far as
there are any (with `--upgrade`, at the newest), and writes what a `package-lock.json` holds of each package, without
registry addresses. An entry is `{version, requires, peers,
head, tail}`: `peers` are used where they happen to be there; `head` and `tail` are the lines of its place in a lock
file, before and after its flag `dev`, which depends on the service.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

PACK = Path(__file__).parents[1] / "templates" / "node"
LOCK = PACK / "lock.json"

TELEMETRY = {
    "@opentelemetry/api": "1.10.0",
    **dict.fromkeys(["@opentelemetry/context-async-hooks", "@opentelemetry/core"], "3.1.0"),
    **dict.fromkeys(["@opentelemetry/resources", "@opentelemetry/sdk-trace"], "3.1.0"),
    **dict.fromkeys(["@opentelemetry/exporter-trace-otlp-proto", "@opentelemetry/instrumentation"], "0.301.0"),
    "@opentelemetry/instrumentation-http": "0.301.0",
}
"""One release, as its parts want each other at exactly the same version, and would be there several times otherwise."""

RANGES = {"@types/node": "24", "@biomejs/biome": "2.5.15", **TELEMETRY}
"""Where the newest is not what is wanted: the types follow the version of Node.js that services run on, and of
Biome it is the newest that is there for every platform."""

LEFT_OUT = {"resolved", "dev", "funding", "peer"}
FIRST = ("version", "integrity")

Entry = dict[str, Any]


def main() -> None:
    kept = {} if "--upgrade" in sys.argv else json.loads(LOCK.read_text("utf-8"))
    packages = resolve(wanted((PACK / "pack.yaml").read_text("utf-8")), kept)
    entries = {path.removeprefix("node_modules/"): entry(path, packages) for path in sorted(packages) if path}
    LOCK.write_text(json.dumps(entries, indent=1) + "\n", "utf-8")
    print(f"{len(entries)} packages in {LOCK.name}")


def wanted(pack: str) -> dict[str, str]:
    """The packages that layers name, each with a range."""
    provides = [row.get("provides", {}) for row in yaml.safe_load(pack)["layers"] if isinstance(row, dict)]
    names = {n for p in provides for n in (*p.get("packages", ()), *p.get("dev_packages", ()))}
    return {name: RANGES.get(name, "latest") for name in sorted(names)}


def resolve(packages: dict[str, str], kept: dict[str, Entry]) -> dict[str, Entry]:
    """Path -> entry of the lock file that npm makes of these packages, starting from what is locked already."""
    packages |= {name: kept[name]["version"] for name in packages if name in kept}
    manifest = {"private": True, "dependencies": packages}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "package.json").write_text(json.dumps(manifest), "utf-8")
        if kept:
            start = {f"node_modules/{path}": fields(entry) for path, entry in kept.items()}
            lock = {"lockfileVersion": 3, "requires": True, "packages": {"": manifest, **start}}
            Path(folder, "package-lock.json").write_text(json.dumps(lock), "utf-8")
        subprocess.run(
            ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=True,
        )
        made: dict[str, dict[str, Entry]] = json.loads(Path(folder, "package-lock.json").read_text("utf-8"))
    return made["packages"]


def fields(entry: Entry) -> Entry:
    """What a lock file holds of a package."""
    found: Entry = json.loads(f"{{{','.join(part for part in (entry['head'], entry['tail']) if part)}}}")
    return found


def entry(path: str, packages: dict[str, Entry]) -> Entry:
    package = {key: value for key, value in packages[path].items() if key not in LEFT_OUT}
    if "integrity" not in package:
        raise SystemExit(f"npm knows no integrity of {path}")
    missing = [name for name in package.get("optionalDependencies", {}) if not find(path, name, packages)]
    if missing:
        raise SystemExit(f"{path} {package['version']} is not complete: there is no {', '.join(missing)}; see RANGES")
    required, used = needs(path, packages)
    # npm writes these two first, then what is short, then objects, of which `dependencies` are the first.
    others = sorted(
        package.keys() - set(FIRST), key=lambda key: (isinstance(package[key], dict), key != "dependencies", key)
    )
    after = [key for key in others if isinstance(package[key], dict) or key > "dev"]
    before = [*FIRST, *(key for key in others if key not in after)]
    return {
        "version": package["version"],
        "requires": sorted(required),
        "peers": sorted(used),
        "head": lines({key: package[key] for key in before}),
        "tail": lines({key: package[key] for key in after}),
    }


def needs(path: str, packages: dict[str, Entry]) -> tuple[set[str], set[str]]:
    """What must be there for this package, and those of its peers that it can do without."""
    package = packages[path]
    peers = package.get("peerDependencies", {}).keys()
    optional = {name for name, meta in package.get("peerDependenciesMeta", {}).items() if meta.get("optional")} & peers
    required = {*package.get("dependencies", {}), *package.get("optionalDependencies", {}), *(peers - optional)}
    return places(path, required, packages), places(path, optional, packages)


def places(path: str, names: set[str], packages: dict[str, Entry]) -> set[str]:
    found = {find(path, name, packages) for name in names}
    return {place.removeprefix("node_modules/") for place in found if place}


def find(path: str, name: str, packages: dict[str, Entry]) -> str | None:
    """Where a package finds another one: in its own folder or in that of whoever contains it."""
    while True:
        place = f"{path}/node_modules/{name}".removeprefix("/")
        if place in packages:
            return place
        if not path:
            return None
        path = path.rpartition("node_modules/")[0].removesuffix("/")


def lines(fields: Entry) -> str:
    """The fields as a lock file has them, without the braces and with a comma after each."""
    if not fields:
        return ""
    text = json.dumps(fields, indent=2, ensure_ascii=False).removeprefix("{\n").removesuffix("\n}")
    return "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    main()
