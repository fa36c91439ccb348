"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from msgen.commands.comparison import Choice

OnConflict = Literal["markers", "ours", "theirs", "prompt"]
OnConflictOption = Annotated[
    OnConflict,
    typer.Option(help="Conflict resolution: write markers, keep your lines, take msgen's, or ask for each file."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the changes, as `msgen diff` does, and exit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
AllowDestructive = Annotated[
    bool, typer.Option("--allow-destructive", help="Write migrations that lose data; `msgen diff` lists them.")
]


def choice(on_conflict: OnConflict, *, allow_destructive: bool = False) -> "Choice":
    from msgen.commands.comparison import Choice

    return Choice("markers" if on_conflict == "prompt" else on_conflict, allow_losses=allow_destructive)
