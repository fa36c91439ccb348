"""Format lines of logs for a terminal, or as they are for a pipe."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgen.dev.logs import Line

COLOURS = (36, 33, 35, 34, 32, 96, 93, 95, 94, 92)
LEVELS = {"error": 31, "fatal": 31, "critical": 31, "warning": 33, "warn": 33}
SHOWN_ELSEWHERE = {"@timestamp", "ecs.version", "log.level", "message", "service.name", "service.version"}


class LogLines:
    """Formats lines with the names of their parts in a column."""

    def __init__(self, paint: Callable[[str, int], str], *, pretty: bool) -> None:
        self._paint, self._pretty = paint, pretty
        self._colours: dict[str, int] = {}
        self._width = 0

    def __call__(self, line: "Line") -> str:
        self._width = max(self._width, len(line.part))
        colour = self._colours.setdefault(line.part, COLOURS[len(self._colours) % len(COLOURS)])
        head = self._paint(f"{line.part:<{self._width}} |", colour)
        return f"{head} {self._text(line)}"

    def _text(self, line: "Line") -> str:
        fields = line.fields if self._pretty else {}
        if "message" not in fields:
            return line.text
        level = str(fields.get("log.level", ""))
        clock = time.strftime("%H:%M:%S", time.localtime(line.time))
        rest = " ".join(_rest(fields.items()))
        return f"{clock} {self._paint(level, LEVELS.get(level, 0))} {fields['message']} {self._paint(rest, 2)}".rstrip()


def _rest(fields: Iterable[tuple[str, object]]) -> Iterable[str]:
    return (f"{key}={value}" for key, value in fields if key not in SHOWN_ELSEWHERE and value not in (None, ""))
