"""The command line: parses, calls one function per command, and prints. What can go wrong ends in `run`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from msgen import __version__
from msgen.cli import sync, templates
from msgen.core.errors import OK

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)

NEW_EXAMPLES = """\b
Examples:
  msgen new myshop
  msgen new myshop --starter minimal --defaults
  msgen new myshop --starter gh:acme/starter --data team=payments
  msgen new --description shop.yaml --into ~/src --no-git
"""

SCHEMA_EXAMPLES = """\b
Examples:
  msgen schema > msgen.schema.json
"""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"msgen {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One YAML description -> a repository of microservices that runs, kept in step with it."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog=NEW_EXAMPLES)
def new(
    name: Annotated[str | None, typer.Argument(help="Of the system and its folder.", show_default=False)] = None,
    description: Annotated[Path | None, typer.Option(help="A description that you have; no starter then.")] = None,
    starter: Annotated[
        str | None, typer.Option("--starter", "--from", help="shop (default), minimal, a folder, or a git URL.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="What services are written in.")] = None,
    into: Annotated[Path, typer.Option(help="The folder that it goes in.")] = Path(),
    pack: Annotated[
        list[Path] | None, typer.Option(help="Directory of a template pack, which msgen.yaml then names.")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(help="key=value: an answer to one of the starter's questions.")
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing.")] = False,
    git: Annotated[bool, typer.Option("--git/--no-git", help="Make it a git repository.")] = True,
) -> None:
    """Make a new system: a complete repository, in git."""
    from msgen.cli.spinner import spinner
    from msgen.cli.summary import summary
    from msgen.commands import new as command

    ask = not defaults and sys.stdin.isatty() and sys.stdout.isatty()
    request = command.Request(
        name, into, starter, description, language, git, ask, command.answers(data or []), pack or []
    )
    print(summary(command.new(request, spinner)))


@app.command(epilog=SCHEMA_EXAMPLES)
def schema(
    pack: Annotated[list[Path] | None, typer.Option(help="Directory of a template pack, for its languages.")] = None,
) -> None:
    """Print the JSON Schema of the description, for editors."""
    from msgen.commands.schema import schema

    print(schema(pack or []))


app.add_typer(sync.app)
app.add_typer(templates.app, name="templates")


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit code; the one place where errors become words."""
    from msgen.cli.error_handler import guarded

    return guarded(lambda: app(args=list(arguments), prog_name="msgen", standalone_mode=False) or OK)
