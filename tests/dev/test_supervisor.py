"""Small parts under the real supervisor."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from msgen.dev import leftovers
from msgen.dev.logs import Logs
from msgen.dev.part import Part
from msgen.dev.state import lock, make_folder, read_state, supervisor
from msgen.dev.supervisor import Supervisor

from .test_ports import free_port

SECONDS = 20


def part(dev: Path, name: str, code: str, **more: object) -> Part:
    environment = {"PATH": os.environ["PATH"], leftovers.MARK: str(dev)}
    run = (sys.executable, "-u", "-c", code)
    return Part(name, run, dev.parent, environment, dev / "data" / name, **more)  # type: ignore[arg-type]


def supervise(dev: Path, parts: list[Part], while_running: Callable[[Supervisor], None]) -> list[str]:
    """Runs parts until `while_running` returns, then stops them as Ctrl-C does; returns the logs."""

    async def run() -> list[str]:
        logs = Logs(dev / "logs", lambda _: None)
        supervised = Supervisor(dev, parts, logs, [part.name for part in parts], "http://localhost:1")
        running = asyncio.create_task(supervised.run(lambda: None))
        try:
            await asyncio.to_thread(while_running, supervised)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            await running
            logs.close()
        return [f"{line.part}: {line.text}" for line in logs.lines]

    return asyncio.run(run())


def logged(dev: Path) -> set[str]:
    return {file.name for file in (dev / "logs").glob("*.log") if file.stat().st_size}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


SERVER = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port={port}, bind='127.0.0.1')"


def test_parts_start_when_those_before_are_ready(dev: Path) -> None:
    port = free_port()
    parts = [
        part(dev, "last", "import time; print('at last'); time.sleep(99)", last=True),
        part(dev, "task", "print('done')", task=True, after=("server",)),
        part(dev, "server", SERVER.format(port=port), port=port, path="/", service=True),
    ]
    lines = supervise(dev, parts, lambda _: until(lambda: {"last.log", "task.log"} <= logged(dev)))
    ready = lines.index(next(line for line in lines if "server is ready after" in line))
    assert ready < lines.index("task: done")
    assert ready < lines.index("last: at last")
    assert read_state(dev).parts["server"].status == "stopped"
    assert leftovers.find(str(dev)) == []


def test_crash_is_shown_and_the_part_starts_again(dev: Path) -> None:
    code = "import os, time; print('reading settings'); os.path.exists('fixed') or exit(3); time.sleep(99)"

    def fix(supervised: Supervisor) -> None:
        until(lambda: supervised.keepers["crashing"].state.starts == 2)
        (dev.parent / "fixed").touch()
        until(lambda: supervised.state.ready)

    lines = supervise(dev, [part(dev, "crashing", code)], fix)
    shown = lines.index("msgen: crashing exited with code 3; it starts again in 0.5 s, or on a change. Its last lines:")
    assert lines[shown + 1] == "msgen:   reading settings"


def test_change_starts_a_part_again(dev: Path) -> None:
    watched = dev.parent / "app"
    watched.mkdir()
    (dev.parent / "other").mkdir()
    code = "import pathlib, time; print([p.name for p in pathlib.Path('app').iterdir()], flush=True); time.sleep(99)"
    times: list[float] = []

    def change(supervised: Supervisor) -> None:
        keeper = supervised.keepers["part"]
        until(lambda: keeper.state.status == "ready")
        time.sleep(0.5)  # the watcher starts
        (dev.parent / "other/file").touch()
        began = time.monotonic()
        (watched / "new.py").write_text("1")
        until(lambda: keeper.state.starts == 2)
        times.append(time.monotonic() - began)
        until(lambda: "new.py" in (dev / "logs/part.log").read_text())

    lines = supervise(dev, [part(dev, "part", code, watch=(watched,)), part(dev, "other", code)], change)
    assert "part: ['new.py']" in lines
    assert lines.count("other: []") == 1
    assert times[0] < 1


def test_nothing_is_left_of_what_parts_start(dev: Path) -> None:
    daemon = "import subprocess, time; subprocess.Popen(['sleep', '99'], start_new_session=True); time.sleep(99)"
    supervise(dev, [part(dev, "part", daemon)], lambda _: until(lambda: len(leftovers.find(str(dev))) == 2))
    assert leftovers.find(str(dev)) == []


def test_one_supervisor_at_a_time(dev: Path) -> None:
    from msgen.core.errors import UserError

    with lock(dev):
        assert supervisor(dev) == os.getpid()
        with pytest.raises(UserError, match="already running"):
            lock(dev)
    assert supervisor(dev) == 0
