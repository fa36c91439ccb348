"""Format changes as lists, counts, unified diffs and JSON."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgen.commands.check import Checked
from msgen.commands.reconcile import Pending
from msgen.contracts.changes import Breakage
from msgen.core.paths import BASELINES
from msgen.merging.change import EXECUTABLE, Change
from msgen.merging.text import is_text
from msgen.repository.transaction import Write
from msgen.repository.worktree import Disk, parents

ORDER = ("created", "updated", "merged", "conflict", "removed", "kept")
FEW = 3
"""Number of new files from which a directory is listed as one line."""
COLOURS = {"created": 32, "updated": 32, "merged": 36, "conflict": 31, "removed": 31, "kept": 33}


class Painter:
    """Colours text if the output is a terminal."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def listing(pending: Pending, paint: Painter) -> Iterator[str]:
    """List changes, new directories as one line each, and the counts."""
    for action, path, reason in _rows(pending):
        yield paint(f"{action:<8}", COLOURS[action]) + f"  {path}" + (f"  ({reason})" if reason else "")
    yield counts(pending)


def confirmation(checked: Checked) -> str:
    """Say that a description is valid and its repository matches."""
    services = f"{checked.services} service{'s' * (checked.services != 1)}"
    return f"{checked.file}: ok, {services}{', in step' * checked.in_step}"


def breakages(found: Sequence[Breakage], revision: str) -> Iterator[str]:
    """List breaking changes with those whom they break, and their number."""
    for breakage in found:
        level = "warning: " if breakage.warning else ""
        where = f"{breakage.where}: " if breakage.where else ""
        yield f"{breakage.file}: {level}{where}{breakage.message} [{breakage.code}]"
        if breakage.consumers:
            yield f"  {'may break' if breakage.warning else 'breaks'} {', '.join(breakage.consumers)}"
    count = sum(not breakage.warning for breakage in found)
    yield f"contracts: {count or 'no'} breaking change{'s' * (count != 1)} since {revision}"


def _rows(pending: Pending) -> Iterator[tuple[str, str, str]]:
    old = {folder for c in pending.changes if c.action != "created" for folder in parents(c.path)}
    rows = [(c, next((f for f in reversed(parents(c.path)) if f not in old), "")) for c in _all(pending)]
    sizes = Counter(folder for change, folder in rows if change.action == "created")
    told = set()
    for change, folder in rows:
        if change.action != "created" or sizes[folder] < FEW or not folder:
            yield change.action, change.path, change.reason
        elif folder not in told:
            told.add(folder)
            yield "created", f"{folder}/", f"{sizes[folder]} files"


def counts(pending: Pending) -> str:
    found: Counter[str] = Counter(change.action for change in _all(pending))
    parts = [f"{found[action]} {action}" for action in ORDER if found[action]]
    return (", ".join(parts) or f"only the baselines in {BASELINES} change") + "."


def names(pending: Pending) -> Iterator[str]:
    return (change.path for change in _all(pending))


def stat(pending: Pending, paint: Painter) -> Iterator[str]:
    """List changes with the numbers of added and removed lines."""
    changes = _all(pending)
    width = max((len(change.path) for change in changes), default=0)
    for change in changes:
        added, removed = _counted(change)
        size = paint(f"+{added}", 32) + " " + paint(f"-{removed}", 31) if is_diffable(change) else "binary"
        yield f"{change.path:<{width}}  {paint(f'{change.action:<8}', COLOURS[change.action])}  {size}"
    yield counts(pending)


def diffs(pending: Pending, paint: Painter) -> Iterator[str]:
    """Print a unified diff of each change, under a comment with the action and its reason."""
    for change in _all(pending):
        reason = f" ({change.reason})" if change.reason else ""
        yield paint(f"# {change.action} {change.path}{reason}", COLOURS[change.action])
        yield from coloured(diff(change), paint)
    yield paint(f"# {counts(pending)}", 0)


def coloured(lines: Iterable[str], paint: Painter) -> Iterator[str]:
    """Colour the lines of a unified diff."""
    return (paint(line, _colour(line)) for line in lines)


def as_data(pending: Pending, notes: Sequence[str]) -> dict[str, Any]:
    """Return what the JSON of a command says about pending or written changes."""
    return {
        "changes": changed(_all(pending)),
        "snapshots": [write.path for write in pending.records],
        "notes": list(notes),
    }


def changed(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return changes as data, with their diffs."""
    return [
        {
            "path": change.path,
            "action": change.action,
            "reason": change.reason,
            "added": _counted(change)[0],
            "removed": _counted(change)[1],
            "diff": "".join(f"{line}\n" for line in diff(change)),
        }
        for change in changes
    ]


def diff(change: Change) -> list[str]:
    """Return the lines of a patch that `git apply` accepts, without line ends."""
    before, after, path = change.before, change.after, change.path
    modes = _modes(before, after)
    same = before == after or (before and after and (before.content, before.odd) == (after.content, after.odd))
    if not same and not is_diffable(change):
        return [f"Binary files a/{path} and b/{path} differ"]
    if same and not modes:
        return []
    header = [f"diff --git a/{path} b/{path}", *modes]
    lines = [] if same else _hunks(change)
    if lines:
        # A tab ends a name that contains spaces, as in git.
        end = "\t" if " " in path else ""
        header.append(f"--- a/{path}{end}" if before else "--- /dev/null")
        header.append(f"+++ b/{path}{end}" if after else "+++ /dev/null")
    return [*header, *lines]


def _modes(before: Disk | None, after: Disk | None) -> list[str]:
    old, new = (_git_mode(disk) if disk else "" for disk in (before, after))
    if old == new:
        return []
    if old and new:
        return [f"old mode {old}", f"new mode {new}"]
    return [f"deleted file mode {old}"] if old else [f"new file mode {new}"]


def _git_mode(disk: Disk) -> str:
    return "100755" if disk.mode & EXECUTABLE else "100644"


def _hunks(change: Change) -> list[str]:
    """Yield the hunks of a unified diff."""
    lines = []
    for line in islice(difflib.unified_diff(_lines(change.before), _lines(change.after)), 2, None):
        lines += [line.removesuffix("\n"), *([] if line.endswith("\n") else ["\\ No newline at end of file"])]
    return lines


def is_diffable(change: Change) -> bool:
    return all(disk is None or (is_text(disk.content) and not disk.odd) for disk in (change.before, change.after))


def _lines(disk: Disk | None) -> list[str]:
    """Split lines as git does: at newlines only."""
    return re.findall(r"[^\n]*\n|[^\n]+", disk.content.decode()) if disk else []


def _counted(change: Change) -> tuple[int, int]:
    lines = _hunks(change) if is_diffable(change) else []
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def _colour(line: str) -> int:
    if line.startswith(("diff --git", "+++", "---", "old mode", "new mode", "new file", "deleted file")):
        return 1
    return {"+": 32, "-": 31, "@": 36}.get(line[:1], 0)


def _all(pending: Pending) -> list[Change]:
    """Return the changes of files and of the description, without baselines."""
    others = [w for w in (pending.description, *pending.extra) if w]
    return [*map(_of_write, others), *pending.shown]


def _of_write(write: Write) -> Change:
    action = "updated" if write.before and write.after else "created" if write.after else "removed"
    return Change(write.path, action, "", write.before, write.after)  # type: ignore[arg-type]
