"""The command line of templates: parses, calls one function per command, and prints."""

from pathlib import Path
from typing import Annotated

import typer

from msgen.core.errors import OK

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Make templates your own.")

EJECT_EXAMPLES = """\b
Examples:
  msgen templates eject python/service/Dockerfile
  msgen templates eject services/orders/Dockerfile      # the template that makes it
"""


@app.command(name="list")
def list_() -> int:
    """Show every template, whether it is built in or yours, and what it makes."""
    from msgen.cli.sync import say
    from msgen.commands.templates import listed

    rows = list(listed(Path.cwd()))
    width = max(len(path) for path, _, _ in rows)
    say(f"{path:<{width}}  {origin}" + (f"  -> {makes}" if makes else "") for path, origin, makes in rows)
    return OK


@app.command(epilog=EJECT_EXAMPLES)
def eject(paths: Annotated[list[str], typer.Argument(help="Templates, folders of them, or generated files.")]) -> int:
    """Copy built-in templates into the repository's `templates`, where they replace the built-in ones."""
    from msgen.cli.sync import report
    from msgen.commands.templates import eject

    return report(eject(Path.cwd(), paths))


@app.command()
def diff() -> int:
    """Show how the repository's templates differ from the built-in ones that they replace."""
    from msgen.cli import output
    from msgen.cli.sync import painter, say
    from msgen.commands.templates import differences

    paint = painter()
    for change in differences(Path.cwd()):
        say(output.coloured(output.diff(change), paint))
    return OK
