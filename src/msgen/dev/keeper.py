"""Keep one part running: install, start, wait until it is ready, start it again after a crash or a change."""

import asyncio
import time
from collections.abc import Callable, Sequence

from msgen.core.errors import user_error
from msgen.dev import process
from msgen.dev.logs import OWN, Logs
from msgen.dev.part import Part
from msgen.dev.state import CRASHED, DONE, INSTALLING, READY, STARTING, STOPPED, PartState

POLL_SECONDS = 0.1
BACK_OFF = (0.5, 1, 2, 5, 10)
"""Seconds before each start after a crash; then the last one."""
STABLE_SECONDS = 20
"""A crash after this time counts as the first one again."""
LAST_LINES = 10


class Keeper:
    def __init__(self, part: Part, logs: Logs, changed: Callable[[], None]) -> None:
        self.part, self.state = part, PartState(port=part.address)
        self.ready = asyncio.Event()
        self.tried = asyncio.Event()
        """Set when it is ready, or has crashed."""
        self.reload = asyncio.Event()
        self.process: process.Process | None = None
        self._logs, self._changed = logs, changed

    async def run(self, after: Sequence[asyncio.Event]) -> None:
        """Run until it is cancelled. Raises `UserError` if the part cannot be installed or started."""
        await self._install()
        for event in after:
            await event.wait()
        await self._prepare()
        crashes = 0
        while True:
            began = time.monotonic()
            self.reload.clear()
            self._set(STARTING)
            code = await self._start()
            if code == 0 and self.part.task:
                self._set(DONE)
                self._set_ready()
                await self.reload.wait()
            elif code is not None:
                crashes = 1 if time.monotonic() - began > STABLE_SECONDS else crashes + 1
                await self._back_off(code, BACK_OFF[min(crashes, len(BACK_OFF)) - 1])
            else:
                crashes = 0

    async def stop(self) -> None:
        if self.process:
            await self.process.stop(self.part.stop)
        self._set(STOPPED)

    async def _install(self) -> None:
        for installation in self.part.installations:
            if not installation.present:
                self._set(INSTALLING)
                self._logs.add(OWN, f"installing {installation.title}")
                await asyncio.to_thread(installation.install)

    async def _prepare(self) -> None:
        process.write_files(self.part)
        for step in self.part.prepare:
            if not step.unless.exists():
                running = await process.start(self.part, step.run, self._tell)
                if code := await running.wait():
                    last = "\n".join(self._logs.last(self.part.name, LAST_LINES))
                    raise user_error(f"{self.part.name}: {step.run[0]} exited with code {code}:\n{last}")

    async def _start(self) -> int | None:
        """Start the process; return its exit code when it ends by itself, or None after a change."""
        process.write_files(self.part)
        self.process = await process.start(self.part, self.part.run, self._tell)
        self.state.starts += 1
        ended = asyncio.create_task(self.process.wait())
        others = [asyncio.create_task(self.reload.wait()), asyncio.create_task(self._poll())]
        try:
            await asyncio.wait([ended, others[0]], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in others:
                task.cancel()
        if ended.done():
            return ended.result()
        self._logs.add(OWN, f"{self.part.name}: files changed, starting again")
        await self.process.stop(self.part.stop)
        return None

    async def _poll(self) -> None:
        """Wait until the part is ready."""
        if self.part.task:
            return
        began = time.monotonic()
        while self.part.port and not await process.is_ready(self.part):  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
        self._set(READY)
        self._logs.add(OWN, f"{self.part.name} is ready after {time.monotonic() - began:.1f} s")
        self._set_ready()

    def _set_ready(self) -> None:
        self.ready.set()
        self.tried.set()

    async def _back_off(self, code: int, seconds: float) -> None:
        self._set(CRASHED)
        self.tried.set()
        lines = [f"  {text}" for text in self._logs.last(self.part.name, LAST_LINES)]
        ending = f"was killed by signal {-code}" if code < 0 else f"exited with code {code}"
        message = f"{self.part.name} {ending}; it starts again in {seconds:g} s, or on a change. Its last lines:"
        for line in (message, *lines):
            self._logs.add(OWN, line)
        try:
            await asyncio.wait_for(self.reload.wait(), seconds)
        except TimeoutError:
            return

    def _tell(self, text: str) -> None:
        self._logs.add(self.part.name, text)

    def _set(self, status: str) -> None:
        self.state.status, self.state.since = status, time.time()
        self.state.pid = self.process.pid if self.process and status in (STARTING, READY) else 0
        self._changed()
