"""Logs of all parts: a file for each, and the last lines of all in memory."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

FILE_BYTES = 5_000_000
KEPT = 5000
"""Lines in memory."""
OWN = "msgen"
"""Name under which the supervisor itself logs."""


@dataclass(frozen=True)
class Line:
    number: int
    time: float
    part: str
    text: str

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a structured line."""
        try:
            found = json.loads(self.text) if self.text.startswith("{") else None
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Logs:
    def __init__(self, folder: Path, show: Callable[[Line], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._show = folder, show
        self._files: dict[str, RotatingFileHandler] = {}
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, part: str, text: str) -> None:
        self._count += 1
        line = Line(self._count, time.time(), part, text)
        self.lines.append(line)
        if part not in self._files:
            self._files[part] = RotatingFileHandler(
                log_file(self._folder, part), maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8"
            )
        self._files[part].emit(logging.LogRecord(part, logging.INFO, "", 0, text, None, None))
        self._show(line)

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def after(self, number: int) -> list[Line]:
        return [line for line in self.lines if line.number > number]

    def last(self, part: str, count: int) -> list[str]:
        return [line.text for line in self.lines if line.part == part][-count:]


def log_file(folder: Path, part: str) -> Path:
    return folder / f"{part}.log"
