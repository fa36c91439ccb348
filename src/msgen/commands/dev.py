"""`msgen dev`: run the system of a repository without containers."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgen.commands import reconcile
from msgen.core.errors import quoted, user_error
from msgen.core.suggestions import one_of

if TYPE_CHECKING:
    from msgen.dev.logs import Line
    from msgen.dev.part import Part
    from msgen.dev.state import State
    from msgen.dev.system import System

FOLDER = ".msgen/dev"
STOP_SECONDS = 60
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Request:
    root: Path
    services: Sequence[str] = ()
    """Services that start again on changes; empty: all."""
    reload: bool = True


def start(request: Request, show: Callable[["Line"], None], on_ready: Callable[["State"], None]) -> None:
    """Run the system until a signal arrives. Raises `UserError`."""
    _require_extra()
    from msgen.dev import leftovers
    from msgen.dev.logs import OWN, Logs
    from msgen.dev.state import lock, make_folder
    from msgen.dev.supervisor import Supervisor
    from msgen.dev.system import PAGE
    from msgen.dev.traces import Traces
    from msgen.dev.web import create_app, serve

    dev = make_folder(request.root)
    with lock(dev):
        leftovers.kill(str(dev))
        _make_secrets(request.root)
        system, parts = _load(request.root)
        reloaded = _reloaded(request, system.services, parts)
        shutil.rmtree(dev / "logs", ignore_errors=True)
        os.environ[leftovers.MARK] = str(dev)  # of installations
        with closing(Logs(dev / "logs", show)) as logs:
            for note in system.notes:
                logs.add(OWN, note)
            port = system.local(*PAGE) or 0
            supervisor = Supervisor(dev, parts, logs, reloaded, f"http://localhost:{port}")
            app = create_app(request.root.name, supervisor, logs, Traces())
            asyncio.run(_run(supervisor.run(lambda: on_ready(supervisor.state)), serve(app, port)))


async def _run(system: Coroutine[Any, Any, None], page: Coroutine[Any, Any, None]) -> None:
    serving = asyncio.create_task(page)
    try:
        await system
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


def detach(request: Request, progress: Callable[[str], None]) -> "State":
    """Start the system in the background; return its state when all parts are ready. Raises `UserError`."""
    _require_extra()
    from msgen.dev.state import make_folder, read_state, supervisor

    dev = make_folder(request.root)
    if supervisor(dev):
        raise user_error("the system is already running", "stop it: msgen dev stop")
    (dev / "state.json").unlink(missing_ok=True)
    options = [] if request.reload else ["--no-reload"]
    command = [sys.executable, "-m", "msgen", "--no-color", "dev", "start", *options, *request.services]
    with (dev / "output.log").open("w") as output:
        process = subprocess.Popen(
            command, cwd=request.root, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    told: dict[str, str] = {}
    while process.poll() is None:
        state = read_state(dev)
        for name, part in state.parts.items():
            if part.status != told.get(name) and part.status != "waiting":
                told[name] = part.status
                progress(f"{name}: {part.status}")
        if state.ready:
            return state
        time.sleep(POLL_SECONDS)
    raise user_error("the system did not start:\n" + "\n".join((dev / "output.log").read_text().splitlines()[-20:]))


def stop(root: Path) -> bool:
    """Stop the system; return whether anything ran."""
    _require_extra()
    from msgen.dev import leftovers
    from msgen.dev.state import supervisor

    dev = root / FOLDER
    pid = supervisor(dev)
    if pid:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while supervisor(dev) == pid and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        if supervisor(dev) == pid:
            os.kill(pid, signal.SIGKILL)
    return bool(leftovers.kill(str(dev))) or bool(pid)


def status(root: Path) -> "State | None":
    """Return the state of a running system, or None."""
    from msgen.dev.state import read_state, supervisor

    return read_state(root / FOLDER) if supervisor(root / FOLDER) else None


def log(root: Path, part: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a part's log, and further ones while the system runs."""
    from msgen.dev.logs import log_file
    from msgen.dev.state import supervisor

    folder = root / FOLDER / "logs"
    file = log_file(folder, part)
    if not file.exists():
        known = sorted(path.stem for path in folder.glob("*.log"))
        raise user_error(f"there is no log of {quoted(part)}", one_of(part, known, "start the system: msgen dev"))
    with file.open(encoding="utf-8") as lines:
        while True:
            yield from (line.rstrip("\n") for line in lines)
            if not follow or not supervisor(root / FOLDER):
                return
            time.sleep(POLL_SECONDS)


def execute(root: Path, service: str, command: Sequence[str]) -> int:
    """Run a command in the directory and the environment of a running service; return its exit code."""
    import psutil

    state = status(root)
    part = state.parts.get(service) if state else None
    if not part or not part.pid:
        raise user_error(f"{quoted(service)} is not running", "see `msgen dev status`")
    process = psutil.Process(part.pid)
    environment = process.environ()
    program = shutil.which(command[0], path=environment["PATH"])
    if not program:
        raise user_error(f"there is no program {quoted(command[0])} in the environment of {service}")
    return subprocess.run([program, *command[1:]], cwd=process.cwd(), env=environment, check=False).returncode


def reset(root: Path) -> None:
    """Stop the system and delete its data."""
    stop(root)
    shutil.rmtree(root / FOLDER, ignore_errors=True)


def _require_extra() -> None:
    try:
        import psutil  # noqa: F401
        import uvicorn  # noqa: F401
        import watchfiles  # noqa: F401
    except ImportError:
        raise user_error("`msgen dev` needs more packages", "install them: pip install 'msgen[dev]'") from None


def _make_secrets(root: Path) -> None:
    """Create `.env` as `make up` does."""
    done = subprocess.run(["sh", "scripts/make-env"], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise user_error(f"scripts/make-env failed:\n{done.stderr.strip()}")


def _load(root: Path) -> "tuple[System, list[Part]]":
    from msgen.dev.part_builder import build
    from msgen.dev.ports import Ports
    from msgen.dev.system import System
    from msgen.dev.tables import read_tables

    pack = reconcile.own_pack(root)
    system = System(root, read_tables(pack), Ports(root / FOLDER / "ports.json"))
    return system, [build(system, stand, root / FOLDER, pack.path) for stand in system.stands]


def _reloaded(request: Request, services: Sequence[str], parts: "Sequence[Part]") -> set[str]:
    """Return the names of parts that start again on changes."""
    for name in request.services:
        if name not in services:
            raise user_error(f"there is no service {quoted(name)}", one_of(name, services))
    if not request.reload:
        return set()
    return {part.name for part in parts if not request.services or part.name in request.services}
