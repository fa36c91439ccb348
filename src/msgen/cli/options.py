"""Options that several commands share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from msgen.commands.comparison import Choice

OnConflict = Literal["markers", "ours", "theirs", "prompt"]
OnConflictOption = Annotated[
    OnConflict,
    typer.Option(help="Conflict resolution: write markers, keep your lines, take msgen's, or ask for each file."),
]
Format = Literal["text", "json"]
FormatOption = Annotated[Format, typer.Option("--format", help="Output format.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the changes, as `msgen diff` does, and exit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
AllowDestructive = Annotated[
    bool, typer.Option("--allow-destructive", help="Write migrations that lose data; `msgen diff` lists them.")
]

Renamed = Annotated[
    list[str] | None,
    typer.Option(
        help="Field with another name now, which keeps its values: orders.order.total=amount", show_default=False
    ),
]


def choice(
    on_conflict: OnConflict, *, allow_destructive: bool = False, renamed: Sequence[str] | None = None
) -> "Choice":
    from msgen.commands.comparison import Choice
    from msgen.schema_history.renames import Rename

    default = "markers" if on_conflict == "prompt" else on_conflict
    return Choice(default, allow_losses=allow_destructive, renamed=tuple(map(Rename.parse, renamed or ())))
