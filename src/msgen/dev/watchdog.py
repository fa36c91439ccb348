"""A process that kills all parts of a system when its supervisor is gone, however that ended.

As a program, it waits until the other end of its stdin closes.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from msgen.dev import leftovers

CHECK_SECONDS = 1


class Watchdog:
    def __init__(self, dev: Path) -> None:
        self._command = [sys.executable, "-m", __name__, str(dev)]
        self._stdin, self._alive = os.pipe()
        self._process = self._start()

    async def keep(self) -> None:
        """Start it again if it is killed."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self._process.poll() is not None:
                self._process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._alive)
        os.close(self._stdin)
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {key: value for key, value in os.environ.items() if key != leftovers.MARK}
        return subprocess.Popen(self._command, stdin=self._stdin, env=environment, start_new_session=True)


def main() -> None:
    sys.stdin.buffer.read()
    leftovers.kill(sys.argv[1])


if __name__ == "__main__":
    main()
