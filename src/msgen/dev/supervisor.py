"""Start the parts of a system in order, reload them on changes, and stop them."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from watchfiles import awatch

from msgen.core.errors import UserError
from msgen.dev import leftovers
from msgen.dev.keeper import Keeper
from msgen.dev.logs import Logs
from msgen.dev.part import Part
from msgen.dev.state import State, write_state
from msgen.dev.watchdog import Watchdog

WATCH_STEP_MS = 50
"""Changes within this time are one change."""


class _Stop(Exception):  # noqa: N818 - not an error
    """Ends all tasks."""


class Supervisor:
    def __init__(self, dev: Path, parts: Sequence[Part], logs: Logs, reloaded: Collection[str], page: str) -> None:
        self._dev, self._reloaded = dev, reloaded
        self.keepers = {part.name: Keeper(part, logs, self._save) for part in parts}
        pages = {"msgen": page} | {title: url for part in parts for title, url in part.pages.items()}
        self.state = State({name: keeper.state for name, keeper in self.keepers.items()}, pages)
        self._stopping = asyncio.Event()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Run until a signal arrives, then stop all. Raises `UserError` if a part cannot be started."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        with Watchdog(self._dev) as watchdog:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(watchdog.keep())
                    group.create_task(self._watch())
                    group.create_task(self._announce(on_ready))
                    for keeper in self.keepers.values():
                        group.create_task(keeper.run(self._before(keeper.part)))
                    group.create_task(self._wait_for_stop())
            except* _Stop:
                pass
            except* UserError as errors:
                raise errors.exceptions[0] from None
            finally:
                await self._stop_all()

    async def _wait_for_stop(self) -> None:
        await self._stopping.wait()
        raise _Stop

    def _before(self, part: Part) -> list[asyncio.Event]:
        services = [keeper.tried for keeper in self.keepers.values() if keeper.part.service and part.last]
        return [*services, *(self.keepers[name].ready for name in part.after)]

    def _on_signal(self) -> None:
        if self._stopping.is_set():
            leftovers.kill(str(self._dev))
        self._stopping.set()

    async def _stop_all(self) -> None:
        """Stop the services before the components that they use."""
        for last in (False, True):
            stopped = [k for k in self.keepers.values() if last is not (k.part.service or not self._is_used(k))]
            await asyncio.gather(*(keeper.stop() for keeper in stopped))
        await asyncio.to_thread(leftovers.kill, str(self._dev))
        self.state.ready = False
        self._save()

    def _is_used(self, keeper: Keeper) -> bool:
        return any(keeper.part.name in other.part.after for other in self.keepers.values())

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        for keeper in self.keepers.values():
            await keeper.ready.wait()
        self.state.ready = True
        self._save()
        on_ready()

    async def _watch(self) -> None:
        """Start parts again whose files have changed."""
        watched = {
            path: keeper
            for name, keeper in self.keepers.items()
            if name in self._reloaded
            for path in keeper.part.watch
            if path.exists()
        }
        folders = {path if path.is_dir() else path.parent for path in watched}
        if not folders:
            return
        async for changes in awatch(*folders, step=WATCH_STEP_MS):
            for keeper in _affected(watched, [Path(path) for _, path in changes]):
                keeper.reload.set()

    def _save(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # reset has deleted the directory
            write_state(self._dev, self.state)


def _affected(watched: Mapping[Path, Keeper], changed: Sequence[Path]) -> list[Keeper]:
    """Return the keepers of parts that watch any of the changed files."""
    found = {
        id(keeper): keeper
        for path, keeper in watched.items()
        if any(change == path or path in change.parents for change in changed)
    }
    return list(found.values())
