"""The `msgen` command line."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from msgen import __version__
from msgen.cli import dev, services, sync, templates
from msgen.cli.options import FormatOption
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="Print without colors, as with the variable NO_COLOR.")
    ] = False,
) -> None:
    """Generate a repository of microservices from a YAML description, and keep it up to date."""
    if no_color:
        os.environ.update(NO_COLOR="1", PROMPT_TOOLKIT_COLOR_DEPTH="DEPTH_1_BIT")
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command(epilog=NEW_EXAMPLES)
def new(
    name: Annotated[
        str | None, typer.Argument(help="Name of the system and its directory.", show_default=False)
    ] = None,
    description: Annotated[
        Path | None, typer.Option(help="Use an existing description file instead of a starter.")
    ] = None,
    starter: Annotated[
        str | None,
        typer.Option("--starter", "--from", help="shop (default), minimal, a directory, or a git URL."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Default language of the services.")] = None,
    into: Annotated[Path, typer.Option(help="Parent directory of the new repository.")] = Path(),
    pack: Annotated[
        list[Path] | None, typer.Option(help="Directory of a template pack, which msgen.yaml then names.")
    ] = None,
    data: Annotated[list[str] | None, typer.Option(help="Answer to a question of the starter: key=value.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Use defaults instead of asking.")] = False,
    git: Annotated[bool, typer.Option("--git/--no-git", help="Create a git repository with a first commit.")] = True,
    output_format: FormatOption = "text",
) -> None:
    """Create the repository of a new system."""
    from msgen.cli import json_output
    from msgen.cli.spinner import spinner
    from msgen.cli.summary import summary
    from msgen.commands import new as command

    ask = not defaults and output_format == "text" and sys.stdin.isatty() and sys.stdout.isatty()
    request = command.Request(
        name, into, starter, description, language, git, ask, command.answers(data or []), pack or []
    )
    made = command.new(request, spinner)
    print(json_output.document(OK, **json_output.of_new(made)) if output_format == "json" else summary(made))


@app.command(epilog=SCHEMA_EXAMPLES)
def schema(
    pack: Annotated[list[Path] | None, typer.Option(help="Directory of a template pack, for its languages.")] = None,
) -> None:
    """Print the JSON Schema of descriptions, for editors."""
    from msgen.commands.schema import schema

    print(schema(pack or []))


app.add_typer(sync.app)
app.add_typer(services.app)
app.add_typer(dev.app, name="dev")
app.add_typer(templates.app, name="templates")


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    from msgen.cli.error_handler import guarded
    from msgen.cli.json_output import is_wanted

    return guarded(
        lambda: app(args=list(arguments), prog_name="msgen", standalone_mode=False) or OK,
        as_json=is_wanted(arguments),
    )
