"""Print results to stdout and notes to stderr."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgen.core.errors import DRIFT, OK

if TYPE_CHECKING:
    from msgen.cli.output import Painter
    from msgen.commands.apply import Done


def on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def painter() -> "Painter":
    from msgen.cli.output import Painter

    return Painter(colour=sys.stdout.isatty() and colourful())


def colourful() -> bool:
    """Return whether the user wants escape sequences on a terminal."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        print(note, file=sys.stderr)


def report(done: "Done", *, listed: bool = False, as_json: bool = False, preview: bool = False) -> int:
    """Print what a command has done and return the exit code; `listed` if the user has already seen the changes.

    Of a `preview`, the code is that of `diff`.
    """
    from msgen.cli import json_output, output

    pending = done.pending
    if as_json:
        code = DRIFT if (not pending.in_step if preview else pending.conflicts) else OK
        found = () if preview else json_output.of_changes(pending.shown)
        print(json_output.document(code, found, **output.as_data(pending, done.notes)))
        return code
    if not pending.in_step:
        say([output.counts(pending)] if listed else output.listing(pending, painter()))
    elif not done.notes:
        say(["Nothing to do."])
    print_notes(done.notes)
    if count := len(pending.conflicts):
        print_notes([f"Resolve {count} conflict{'s' * (count > 1)}:", *(f"  {c.path}" for c in pending.conflicts)])
    return DRIFT if pending.conflicts else OK
