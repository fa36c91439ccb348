"""`msgen templates`."""

from pathlib import Path
from typing import Annotated

import typer

from msgen.cli.options import FormatOption
from msgen.core.errors import OK

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="List, eject and compare templates.")

EJECT_EXAMPLES = """\b
Examples:
  msgen templates eject python/service/Dockerfile
  msgen templates eject services/orders/Dockerfile      # the template of a generated file
"""


@app.command(name="list")
def list_(output_format: FormatOption = "text") -> int:
    """List templates with their origin and the files that they generate."""
    from msgen.cli import json_output
    from msgen.cli.console import say
    from msgen.commands.templates import listed

    rows = list(listed(Path.cwd()))
    if output_format == "json":
        found = [{"path": path, "origin": origin, "generates": makes} for path, origin, makes in rows]
        print(json_output.document(OK, templates=found))
        return OK
    width = max(len(path) for path, _, _ in rows)
    say(f"{path:<{width}}  {origin}" + (f"  -> {makes}" if makes else "") for path, origin, makes in rows)
    return OK


@app.command(epilog=EJECT_EXAMPLES)
def eject(
    paths: Annotated[list[str], typer.Argument(help="Templates, their directories, or generated files.")],
    output_format: FormatOption = "text",
) -> int:
    """Copy built-in templates into `templates/` of the repository, where they override the built-in ones."""
    from msgen.cli.console import report
    from msgen.commands.templates import eject

    return report(eject(Path.cwd(), paths), as_json=output_format == "json")


@app.command()
def diff(output_format: FormatOption = "text") -> int:
    """Show differences between the repository's templates and the built-in ones."""
    from msgen.cli import json_output, output
    from msgen.cli.console import painter, say
    from msgen.commands.templates import differences

    if output_format == "json":
        print(json_output.document(OK, changes=output.changed(differences(Path.cwd()))))
        return OK
    paint = painter()
    for change in differences(Path.cwd()):
        say(output.coloured(output.diff(change), paint))
    return OK
