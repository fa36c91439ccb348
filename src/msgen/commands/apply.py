"""`msgen diff` and `msgen apply`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from msgen.commands import reconcile
from msgen.commands.comparison import Choice
from msgen.commands.reconcile import Pending
from msgen.core.errors import user_error
from msgen.core.paths import DESCRIPTION
from msgen.merging.change import Change, OnConflict
from msgen.repository import git, transaction
from msgen.schema_history.renames import Rename

Decide = Callable[[Change], OnConflict]
"""Resolves one conflict."""
Recognize = Callable[[Rename], bool]
"""Returns whether a new field is a removed one under another name."""


@dataclass(frozen=True)
class Done:
    """Result of a command."""

    pending: Pending
    notes: tuple[str, ...] = ()


def diff(start: Path, choice: Choice | None = None) -> Done:
    """Compute what `apply` would do. Raises `UserError`."""
    with reconcile.opened(start, write=False) as (root, note):
        pending = reconcile.compute(root, choice)
        return Done(pending, _notes(note, *warnings(pending)))


def apply(
    start: Path, choice: Choice | None = None, decide: Decide | None = None, recognize: Recognize | None = None
) -> Done:
    """Update a repository to match its description, all or nothing. Raises `UserError`."""
    choice = choice or Choice()
    with reconcile.opened(start) as (root, note):
        pending = reconcile.compute(root, choice)
        if recognize and (same := tuple(filter(recognize, pending.renames))):
            choice = replace(choice, renamed=(*choice.renamed, *same))
            pending = reconcile.compute(root, choice)
        if decide:
            decided = {change.path: decide(change) for change in pending.conflicts}
            pending = reconcile.compute(root, replace(choice, paths=decided)) if decided else pending
        return carry_out(pending, note)


def check_losses(pending: Pending) -> None:
    """Raise `UserError` if data or access to it would be lost and the user has not allowed it."""
    if pending.losses and not pending.allow_losses:
        told = "".join(f"\n  {loss}" for loss in pending.losses)
        raise user_error(
            f"data or access to it would be lost, so nothing was changed:{told}",
            "run the same command with --allow-destructive if this is intended",
            code="destructive",
        )


def warnings(pending: Pending) -> tuple[str, ...]:
    """Return the notes of a preview."""
    return (*pending.notes, *(f"destructive: {loss}" for loss in pending.losses))


def carry_out(pending: Pending, *notes: str) -> Done:
    """Write everything that is pending; the repository is locked. Raises `UserError` before it loses data."""
    check_losses(pending)
    if not pending.writes:
        return Done(pending, _notes(*notes))
    uncommitted = git.uncommitted(pending.root, besides=DESCRIPTION)
    transaction.perform(pending.root, pending.writes)
    return Done(pending, _notes(*notes, *pending.notes, _told_of(uncommitted)))


def _told_of(uncommitted: int) -> str:
    if not uncommitted:
        return ""
    files, them = (f"{uncommitted} files", "them") if uncommitted > 1 else ("1 file", "it")
    return f"{files} had changes that were not committed; git shows {them} together with these."


def _notes(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)
