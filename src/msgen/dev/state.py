"""State of a running system in `.msgen/dev`: who supervises it, and how its parts are."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from msgen.core.errors import user_error

WAITING, INSTALLING, STARTING, READY, DONE, CRASHED, STOPPED = (
    "waiting", "installing", "starting", "ready", "done", "crashed", "stopped",
)  # fmt: skip


@dataclass
class PartState:
    status: str = WAITING
    pid: int = 0
    since: float = 0.0
    """Time of the last change, in seconds since 1970."""
    starts: int = 0
    port: int = 0


@dataclass
class State:
    parts: dict[str, PartState] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    """Title -> URL."""
    ready: bool = False


def write_state(dev: Path, state: State) -> None:
    new = dev / "state.json.new"
    new.write_text(json.dumps(asdict(state)))
    new.replace(dev / "state.json")


def read_state(dev: Path) -> State:
    try:
        found: dict[str, Any] = json.loads((dev / "state.json").read_text())
    except (OSError, ValueError):
        return State()
    parts = {name: PartState(**part) for name, part in found["parts"].items()}
    return State(parts, found["pages"], found["ready"])


def make_folder(root: Path) -> Path:
    """Create `.msgen/dev`, which git ignores, and return its path."""
    dev = root / ".msgen/dev"
    dev.mkdir(parents=True, exist_ok=True)
    (dev / ".gitignore").write_text("*\n")
    return dev


def lock(dev: Path) -> IO[str]:
    """Become the one supervisor of a checkout, until the file is closed. Raises `UserError`."""
    file = (dev / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise user_error("the system is already running", "stop it: msgen dev stop") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def supervisor(dev: Path) -> int:
    """Return the process that supervises a checkout, or 0."""
    try:
        with (dev / "lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0)
    except FileNotFoundError:
        pass
    return 0
