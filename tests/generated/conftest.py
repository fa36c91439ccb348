"""Generated repositories, and the tools that check them, installed once."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path

import pytest

from msgen.packs.pack import builtin_root

EXAMPLES = Path(__file__).parents[2] / "examples"
BUILD = Path(__file__).parents[2] / "build"


@pytest.fixture(scope="session")
def python_tools() -> Path:
    """The `bin` of an environment that has every package of the Python templates, at their locked versions."""
    lock = json.loads((builtin_root() / "python/lock.json").read_text())
    pins = "".join(sorted(requirement(name, entry) for name, entry in lock.items()))
    environment = BUILD / "generated-python"
    done = environment / "installed.txt"
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "generated-python.lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != pins:
            uv = [sys.executable, "-m", "uv", "--quiet"]
            subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, str(environment)], check=True)
            wanted = BUILD / "generated-python.txt"
            wanted.write_text(pins)
            subprocess.run(
                [*uv, "pip", "install", "--python", str(environment), "--requirement", str(wanted)], check=True
            )
            done.write_text(pins)
    return environment / "bin"


def requirement(name: str, entry: dict) -> str:
    marker = f" ; {entry['marker']}" if entry.get("marker") else ""
    hashes = "".join(f" --hash={value}" for value in entry["hashes"])
    return f"{name}=={entry['version']}{marker}{hashes}\n"


def generate(description: dict, into: Path) -> Path:
    source = into / "description.yaml"
    source.write_text(json.dumps(description, indent=2))
    return generate_from(source, into)


def generate_from(source: Path, into: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "msgen",
        "new",
        "made",
        "--description",
        str(source),
        "--into",
        str(into),
        "--no-git",
    ]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return into / "made"
