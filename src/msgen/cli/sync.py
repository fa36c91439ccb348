"""`msgen diff`, `apply`, `upgrade` and `check`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from msgen.cli import options
from msgen.cli.console import painter, print_notes, report, say
from msgen.cli.options import AllowDestructive, DryRun, FormatOption, OnConflictOption, Renamed
from msgen.cli.prompts import decider, recognizer
from msgen.core.errors import DRIFT, OK

if TYPE_CHECKING:
    from msgen.commands.apply import Done

app = typer.Typer(rich_markup_mode=None)

DIFF_EXAMPLES = """\b
Examples:
  msgen diff
  msgen diff --stat
"""
APPLY_EXAMPLES = """\b
Examples:
  msgen apply
  msgen apply --on-conflict ours
"""
UPGRADE_EXAMPLES = """\b
Examples:
  msgen upgrade --dry-run
  msgen upgrade
"""
CHECK_EXAMPLES = """\b
Examples:
  msgen check
  msgen check drafts/shop.yaml
  msgen check --against main
"""


@app.command(epilog=DIFF_EXAMPLES)
def diff(
    stat: Annotated[bool, typer.Option("--stat", help="Print only the number of changed lines per file.")] = False,
    name_only: Annotated[bool, typer.Option("--name-only", help="Print only the paths.")] = False,
    output_format: FormatOption = "text",
    on_conflict: OnConflictOption = "markers",
    renamed: Renamed = None,
) -> int:
    """Show the changes that `msgen apply` would make. Exits with 1 if there are any."""
    from msgen.cli import output
    from msgen.commands.apply import diff

    done = diff(Path.cwd(), options.choice(on_conflict, renamed=renamed))
    if output_format == "json":
        return report(done, as_json=True, preview=True)
    if not done.pending.in_step:
        show = output.stat if stat else output.diffs
        say(output.names(done.pending) if name_only else show(done.pending, painter()))
    print_notes(done.notes)
    return OK if done.pending.in_step else DRIFT


@app.command(epilog=APPLY_EXAMPLES)
def apply(
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    renamed: Renamed = None,
    dry_run: DryRun = False,
    output_format: FormatOption = "text",
) -> int:
    """Update the repository to match msgen.yaml. Exits with 1 if conflicts remain."""
    if dry_run:
        return diff(on_conflict=on_conflict, renamed=renamed, output_format=output_format)
    from msgen.commands.apply import apply

    choice = options.choice(on_conflict, allow_destructive=allow_destructive, renamed=renamed)
    as_json = output_format == "json"
    recognize = None if as_json else recognizer()
    return report(apply(Path.cwd(), choice, decider(on_conflict), recognize), as_json=as_json)


@app.command(epilog=UPGRADE_EXAMPLES)
def upgrade(
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    renamed: Renamed = None,
    dry_run: DryRun = False,
    output_format: FormatOption = "text",
) -> int:
    """Upgrade the repository to this version's templates; your edits and your own templates are merged."""
    from msgen.cli import output
    from msgen.commands import apply as commands

    choice = replace(options.choice(on_conflict, allow_destructive=allow_destructive, renamed=renamed), upgrade=True)
    as_json = output_format == "json"
    if dry_run:
        done = commands.diff(Path.cwd(), choice)
        if as_json:
            return report(done, as_json=True, preview=True)
        if not done.pending.in_step:
            say(output.diffs(done.pending, painter()))
        print_notes(done.notes)
        return OK if done.pending.in_step else DRIFT
    recognize = None if as_json else recognizer()
    return report(commands.apply(Path.cwd(), choice, decider(on_conflict), recognize), as_json=as_json)


@app.command(epilog=CHECK_EXAMPLES)
def check(
    path: Annotated[
        Path | None, typer.Argument(help="A description, or its directory; the current repository by default.")
    ] = None,
    against: Annotated[
        str, typer.Option(metavar="REV", help="Git revision whose contracts must not break.", show_default=False)
    ] = "",
    output_format: FormatOption = "text",
) -> int:
    """Validate the description, and check that the repository matches it. Exits with 1 if it does not."""
    from msgen.cli import json_output, output
    from msgen.commands.check import check

    checked = check(path, against)
    code = OK if checked.passed else DRIFT
    if output_format == "json":
        found = {"services": checked.services, "notes": list(checked.drift.notes if checked.drift else ())}
        print(json_output.document(code, json_output.of_check(checked), **found))
        return code
    if checked.drift:
        _print_drift(checked.drift)
    else:
        say([output.confirmation(checked)])
        print_notes(f"warning: {warning}" for warning in checked.warnings)
    say(output.breakages(checked.breakages, against) if against else ())
    return code


def _print_drift(done: "Done") -> None:
    from msgen.cli import output

    say(output.listing(done.pending, painter()))
    marked = [change for change in done.pending.conflicts if "conflict markers" in change.reason]
    advice = [f"Resolve the conflict in {change.path}, then remove its markers." for change in marked]
    if len(marked) < len(done.pending.shown) or not marked:
        advice.append("The repository does not match msgen.yaml: see `msgen diff`, then run `msgen apply`.")
    print_notes([*done.notes, *advice])
