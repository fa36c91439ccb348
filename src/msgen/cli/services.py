"""`msgen add-service` and `msgen remove-service`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from msgen.cli import options
from msgen.cli.console import on_terminal, report
from msgen.cli.options import AllowDestructive, DryRun, Format, FormatOption, OnConflictOption, Yes
from msgen.cli.prompts import ask_for_service, confirmation, split

if TYPE_CHECKING:
    from collections.abc import Callable

    from msgen.commands.apply import Done
    from msgen.commands.reconcile import Pending
    from msgen.commands.services import Agree

app = typer.Typer(rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Name of the service.")]

ADD_EXAMPLES = """\b
Examples:
  msgen add-service billing
  msgen add-service orders --language node --resource order:total=decimal --calls users --publishes order.created
  msgen add-service mailer --blueprint mailer --database none --consumes reminder:email=email,text=text
"""
REMOVE_EXAMPLES = """\b
Examples:
  msgen remove-service billing
  msgen remove-service users --cascade --dry-run
"""


def _list(help_text: str) -> Any:
    return typer.Option(help=help_text, show_default=False)


@app.command(name="add-service", epilog=ADD_EXAMPLES)
def add_service(
    name: Name,
    description: Annotated[str | None, typer.Option(help="Purpose of the service, in one line.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the service.")] = None,
    blueprint: Annotated[
        str | None, typer.Option(help="Predefined kind of service: auth, mailer or analytics.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="Database of the service: postgres or none.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Host port that exposes the service directly, bypassing the gateway.")
    ] = None,
    resource: Annotated[
        list[str] | None, _list("Resource that it serves: order, or order:total=decimal,note=text?")
    ] = None,
    calls: Annotated[list[str] | None, _list("Service that it calls over REST.")] = None,
    sends: Annotated[
        list[str] | None, _list("Queue that it sends to: mail, or a new one with fields, mail:to=email")
    ] = None,
    consumes: Annotated[list[str] | None, _list("Queue that it consumes; a new one with fields.")] = None,
    publishes: Annotated[list[str] | None, _list("Event that it publishes; a new one with its fields.")] = None,
    subscribes: Annotated[list[str] | None, _list("Event or pattern that it subscribes to.")] = None,
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    output_format: FormatOption = "text",
) -> int:
    """Add a service to msgen.yaml and generate it. Asks for its properties if only the name is given."""
    from msgen.commands.services import LISTS, NewService, add_service

    given = {"description": description, "language": language, "blueprint": blueprint, "database": database}
    settings: dict[str, Any] = {key: value for key, value in {**given, "port": port}.items() if value is not None}
    values = (calls, sends, consumes, publishes, subscribes)
    lists = {key: split(texts or []) for key, texts in zip(LISTS, values, strict=True) if texts}
    new = NewService(name, settings, split(resource or []), lists)
    ask = on_terminal() and output_format == "text" and not yes and not dry_run and not (settings or lists or resource)
    if ask:
        new = ask_for_service(name)
    choice = options.choice(on_conflict, allow_destructive=allow_destructive)
    return run(lambda agree: add_service(Path.cwd(), new, choice, agree), output_format, dry_run=dry_run, ask=ask)


@app.command(name="remove-service", epilog=REMOVE_EXAMPLES)
def remove_service(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Delete files that you wrote or edited, too.")] = False,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Remove calls to it, and queues and events that only it used.")
    ] = False,
    on_conflict: OnConflictOption = "markers",
    allow_destructive: AllowDestructive = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    output_format: FormatOption = "text",
) -> int:
    """Remove a service from msgen.yaml, and its generated files except those that you edited."""
    from msgen.commands.services import remove_service

    ask = on_terminal() and output_format == "text" and not yes and not dry_run
    choice = options.choice(on_conflict, allow_destructive=allow_destructive)

    def command(agree: "Agree | None") -> "Done":
        return remove_service(Path.cwd(), name, force=force, cascade=cascade, choice=choice, agree=agree)

    return run(command, output_format, dry_run=dry_run, ask=ask, default=False)


def run(
    command: "Callable[[Agree | None], Done]",
    output_format: Format,
    *,
    dry_run: bool,
    ask: bool,
    default: bool = True,
) -> int:
    """Run a command that may ask for confirmation, and print its result in a format."""
    if output_format == "text":
        return report(command(confirmation(dry_run=dry_run, ask=ask, default=default)), listed=ask)
    if not dry_run:
        return report(command(None), as_json=True)
    shown: list[Pending] = []
    done = command(lambda pending: bool(shown.append(pending)))  # type: ignore[func-returns-value]
    return report(replace(done, pending=shown[0]) if shown else done, as_json=True, preview=True)
