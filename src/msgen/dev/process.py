"""Start, read and stop one process of a part."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
from collections.abc import Callable, Sequence

from msgen.core.errors import user_error
from msgen.dev.part import Part

OTHER_USER = "nobody"
"""Runs what refuses to run as root."""
STOP_SECONDS = 20
MOMENT_SECONDS = 0.05
REST_SECONDS = 0.5
LINE_BYTES = 1 << 20


class Process:
    """A running process, the leader of a process group."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.Task[None]) -> None:
        self._process, self._reader = process, reader
        self.pid = process.pid

    async def wait(self) -> int:
        """Wait until it ends, and end what it has left in its group; return its exit code."""
        code = await self._process.wait()
        await self._end()
        return code

    async def stop(self, signals: Sequence[str]) -> None:
        """Send it signals; kill the group if it takes too long."""
        for name in signals:
            if self._process.returncode is None:
                self._process.send_signal(signal.Signals[f"SIG{name}"])
                await asyncio.sleep(MOMENT_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        await self._end()

    async def _end(self) -> None:
        """Kill what is left in its group, and read the rest of the output, which others may hold open."""
        _signal_group(self.pid, signal.SIGKILL)
        await self._process.wait()
        await asyncio.wait([self._reader], timeout=REST_SECONDS)
        self._reader.cancel()


async def start(part: Part, run: Sequence[str], tell: Callable[[str], None]) -> Process:
    """Start a command of a part. Its output goes to `tell`, line by line. Raises `UserError`."""
    program = shutil.which(run[0], path=part.environment["PATH"])
    if not program:
        raise user_error(f"{part.name}: there is no program {run[0]}", "run `msgen dev reset`")
    command = [*_as_other_user(), program, *run[1:]] if _changes_user(part) else [program, *run[1:]]
    # Not a pipe of asyncio's: with one, waiting for the process would also wait for what it has left behind.
    output, end = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=part.directory,
            env=part.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
    finally:
        os.close(end)
    return Process(process, asyncio.create_task(_read(output, tell)))


async def _read(output: int, tell: Callable[[str], None]) -> None:
    stream = asyncio.StreamReader(LINE_BYTES)
    protocol = asyncio.StreamReaderProtocol(stream)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(output, "rb"))
    with contextlib.closing(transport):
        await _tell_lines(stream, tell)


async def _tell_lines(stream: asyncio.StreamReader, tell: Callable[[str], None]) -> None:
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line longer than the limit
            continue
        if not line:
            return
        tell(line.decode("utf-8", "replace").rstrip("\r\n"))


def write_files(part: Part) -> None:
    """Create the directory and the files of a part, for the user that it runs as."""
    part.data.mkdir(parents=True, exist_ok=True)
    part.data.chmod(0o700)
    for path, content in part.files.items():
        path.touch(mode=0o600)
        path.write_text(content, "utf-8")
    if _changes_user(part):
        user = pwd.getpwnam(OTHER_USER)
        for path in (part.data, *part.files):
            os.chown(path, user.pw_uid, user.pw_gid)


def _changes_user(part: Part) -> bool:
    return part.unprivileged and os.geteuid() == 0


def _as_other_user() -> list[str]:
    """Return a command that runs another one as a user who reaches files in root's own directories, too.

    Without `no_setuid_fixup`, access(2) would not count the capability.
    """
    user = pwd.getpwnam(OTHER_USER)
    ids = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
    capability = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return ["setpriv", *ids, *capability, "--"]


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


async def is_ready(part: Part) -> bool:
    """Return whether the port of a part is open, and its path and its check succeed."""
    if not await _is_open(part.port, part.path):
        return False
    if not part.check:
        return True
    check = await start(part, part.check, lambda _: None)
    return await check.wait() == 0


async def _is_open(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1)
    except (OSError, TimeoutError):
        return False
    try:
        if not path:
            return True
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b" 200 " in await asyncio.wait_for(reader.readline(), 2)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
