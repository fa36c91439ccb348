"""The command line of day two: parses, calls one function per command, and prints."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from msgen.core.errors import DRIFT, OK, user_error

if TYPE_CHECKING:
    from msgen.commands.apply import Decide, Done
    from msgen.commands.comparison import Choice
    from msgen.commands.reconcile import Pending
    from msgen.commands.services import Agree
    from msgen.merging.change import Change, OnConflict

app = typer.Typer(rich_markup_mode=None)

OnConflictOption = Annotated[
    Literal["markers", "ours", "theirs", "prompt"],
    typer.Option(help="Where both changed the same lines: leave markers, keep yours, take msgen's, or ask."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, as `msgen diff` does, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
AllowDestructive = Annotated[
    bool, typer.Option("--allow-destructive", help="Write migrations that lose data; `msgen diff` names them.")
]
Names = Annotated[list[str] | None, typer.Option(show_default=False)]

CHECK_EXAMPLES = """\b
Examples:
  msgen check
  msgen check drafts/shop.yaml
"""
REMOVE_EXAMPLES = """\b
Examples:
  msgen remove-service billing
  msgen remove-service users --cascade --dry-run
"""
ADD_EXAMPLES = """\b
Examples:
  msgen add-service billing
  msgen add-service orders --language node --resource order:total=decimal --calls users --publishes order.created
  msgen add-service mailer --blueprint mailer --database none --consumes reminder:email=email,text=text
"""


@app.command()
def diff(
    stat: Annotated[bool, typer.Option("--stat", help="Just how many lines of each file.")] = False,
    name_only: Annotated[bool, typer.Option("--name-only", help="Just the paths.")] = False,
    format: Annotated[Literal["text", "json"], typer.Option(help="For people or for programs.")] = "text",  # noqa: A002
    on_conflict: OnConflictOption = "markers",
) -> int:
    """Show what `msgen apply` would do. Exit code 1 where there is something to do, 0 where not."""
    from msgen.cli import output
    from msgen.commands.apply import diff

    done = diff(Path.cwd(), _choice(on_conflict))
    if format == "json":
        print(output.as_json(done.pending, done.notes))
    elif not done.pending.in_step:
        lines = (
            output.names(done.pending)
            if name_only
            else (output.stat if stat else output.diffs)(done.pending, painter())
        )
        say(lines)
    _notes(done.notes)
    return OK if done.pending.in_step else DRIFT


@app.command()
def apply(
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
) -> int:
    """Bring the repository in step with msgen.yaml. Exit code 1 where conflicts are left for you."""
    if dry_run:
        return diff(on_conflict=on_conflict)
    from msgen.commands.apply import apply

    choice = _choice(on_conflict, allow_destructive=allow_destructive)
    return report(apply(Path.cwd(), choice, _decide(on_conflict)))


@app.command()
def upgrade(
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
) -> int:
    """Go over to the templates of this msgen: the same description, with your edits and your own templates merged."""
    from msgen.cli import output
    from msgen.commands import apply as commands

    choice = replace(_choice(on_conflict, allow_destructive=allow_destructive), upgrade=True)
    if dry_run:
        done = commands.diff(Path.cwd(), choice)
        if not done.pending.in_step:
            say(output.diffs(done.pending, painter()))
        _notes(done.notes)
        return OK if done.pending.in_step else DRIFT
    return report(commands.apply(Path.cwd(), choice, _decide(on_conflict)))


@app.command(epilog=CHECK_EXAMPLES)
def check(
    path: Annotated[Path | None, typer.Argument(help="A description, or the folder that holds it.")] = None,
) -> int:
    """Say whether the description is valid and the repository in step with it. Exit code 1 where it is not."""
    from msgen.cli import output
    from msgen.commands.check import check

    found = check(path)
    if isinstance(found, str):
        print(found)
        return OK
    say(output.listing(found.pending, painter()))
    marked = [change for change in found.pending.conflicts if "conflict markers" in change.reason]
    advice = [f"Resolve the conflict in {change.path}, then remove its markers." for change in marked]
    if len(marked) < len(found.pending.shown) or not marked:
        advice.append("Out of step with msgen.yaml: `msgen diff` shows the changes, `msgen apply` makes them.")
    _notes([*found.notes, *advice])
    return DRIFT


@app.command(name="add-service", epilog=ADD_EXAMPLES)
def add_service(
    name: Annotated[str, typer.Argument(help="Of the service.")],
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    language: Annotated[str | None, typer.Option(help="What it is written in.")] = None,
    blueprint: Annotated[str | None, typer.Option(help="auth, mailer or analytics: a service that is ready.")] = None,
    database: Annotated[str | None, typer.Option(help="postgres or none.")] = None,
    port: Annotated[int | None, typer.Option(help="Of this machine, to reach it without the gateway.")] = None,
    resource: Annotated[
        list[str] | None, typer.Option(help="What it keeps: order, or order:total=decimal,note=text?")
    ] = None,
    calls: Names = None,
    sends: Names = None,
    consumes: Names = None,
    publishes: Names = None,
    subscribes: Names = None,
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Add a service to msgen.yaml, and everything that follows from it. Asks where nothing but the name is given."""
    from msgen.commands.services import LISTS, NewService, add_service

    given = {"description": description, "language": language, "blueprint": blueprint, "database": database}
    settings: dict[str, Any] = {key: value for key, value in {**given, "port": port}.items() if value is not None}
    values = (calls, sends, consumes, publishes, subscribes)
    lists = {key: _split(texts or []) for key, texts in zip(LISTS, values, strict=True) if texts}
    new = NewService(name, settings, _split(resource or []), lists)
    ask = _on_terminal() and not yes and not dry_run and not (settings or lists or resource)
    if ask:
        new = _ask_for(name)
    choice = _choice(on_conflict, allow_destructive=allow_destructive)
    return report(add_service(Path.cwd(), new, choice, _agreement(dry_run=dry_run, ask=ask)), listed=ask)


@app.command(name="remove-service", epilog=REMOVE_EXAMPLES)
def remove_service(
    name: Annotated[str, typer.Argument(help="Of the service.")],
    force: Annotated[bool, typer.Option("--force", help="Delete what you have written or changed in it, too.")] = False,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Remove calls of it, and queues and events that only it took part in.")
    ] = False,
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> int:
    """Remove a service from msgen.yaml, and its files but those that you have changed. Asks on a terminal."""
    from msgen.commands.services import remove_service

    ask = _on_terminal() and not yes and not dry_run
    agree = _agreement(dry_run=dry_run, ask=ask, default=False)
    choice = _choice(on_conflict, allow_destructive=allow_destructive)
    done = remove_service(Path.cwd(), name, force=force, cascade=cascade, choice=choice, agree=agree)
    return report(done, listed=ask)


def _choice(
    on_conflict: Literal["markers", "ours", "theirs", "prompt"], *, allow_destructive: bool = False
) -> "Choice":
    from msgen.commands.comparison import Choice

    return Choice("markers" if on_conflict == "prompt" else on_conflict, allow_losses=allow_destructive)


def _decide(on_conflict: str) -> "Decide | None":
    if on_conflict != "prompt":
        return None
    if not _on_terminal():
        raise user_error("--on-conflict prompt needs a terminal", "choose markers, ours or theirs")
    return _ask_about


def report(done: "Done", *, listed: bool = False) -> int:
    """Print what a command has done; only the counts if the user has seen the list."""
    from msgen.cli import output

    pending = done.pending
    if not pending.in_step:
        say([output.counts(pending)] if listed else output.listing(pending, painter()))
    elif not done.notes:
        say(["Nothing to do."])
    _notes(done.notes)
    if count := len(pending.conflicts):
        _notes([f"Resolve {count} conflict{'s' * (count > 1)}:", *(f"  {c.path}" for c in pending.conflicts)])
    return DRIFT if pending.conflicts else OK


def _ask_about(change: "Change") -> "OnConflict":
    """Puts one conflict to whoever sits at the terminal."""
    from msgen.cli import output

    print(f"\n{change.path}: {change.reason}")
    answers: dict[str, OnConflict] = {"o": "ours", "t": "theirs", "m": "markers"}
    while True:
        answer = typer.prompt("[o]urs, [t]heirs, [m]arkers, or [d]iff?", default="m").strip().lower()[:1]
        if answer in answers:
            return answers[answer]
        if answer == "d":
            say(output.diff(change))


def _ask_for(name: str) -> Any:
    from msgen.commands.services import LISTS, NewService

    def words(question: str) -> list[str]:
        return _split([typer.prompt(question, default="", show_default=False)])

    settings = {}
    for key, question in (("description", "What is it for?"), ("language", "Language (empty for the system's own)?")):
        if answer := typer.prompt(question, default="", show_default=False):
            settings[key] = answer
    resources = words("Resources, as in order:total=decimal (empty for none)?")
    lists = {key: words(f"What it {key} (empty for nothing)?") for key in LISTS}
    return NewService(name, settings, resources, {key: found for key, found in lists.items() if found})


def _agreement(*, dry_run: bool, ask: bool, default: bool = True) -> "Agree | None":
    if not (dry_run or ask):
        return None

    def agree(pending: "Pending") -> bool:
        from msgen.cli import output
        from msgen.commands.apply import losses

        say((output.diffs if dry_run else output.listing)(pending, painter()))
        if dry_run:
            return False
        _notes(losses(pending))
        return typer.confirm("Apply these changes?", default=default)

    return agree


def _split(texts: Iterable[str]) -> list[str]:
    """`a,b` is two, but for the commas between fields."""
    parts = [[text] if ":" in text else text.split(",") for text in texts]
    return [part.strip() for found in parts for part in found if part.strip()]


def painter() -> Any:
    from msgen.cli.output import Painter

    return Painter(colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def say(lines: Iterable[str]) -> None:
    print("\n".join(lines))


def _notes(notes: Iterable[str]) -> None:
    for note in notes:
        print(note, file=sys.stderr)
