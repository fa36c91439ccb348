"""`msgen dev`: the system without containers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from msgen.cli.console import painter, say
from msgen.cli.options import FormatOption
from msgen.core.errors import DRIFT, OK

if TYPE_CHECKING:
    from msgen.dev.state import State

EXAMPLES = """\b
Examples:
  msgen dev                 # start, follow the logs; Ctrl-C stops all
  msgen dev orders users    # reload only these services
  msgen dev --detach
  msgen dev logs orders --follow
"""


class _DefaultGroup(TyperGroup):
    """Runs `start` if no other command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["start", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_DefaultGroup,
    rich_markup_mode=None,
    help="Run the system without containers. Without a command: `msgen dev start`.",
    epilog=EXAMPLES,
)


@app.command()
def start(
    services: Annotated[
        list[str] | None, typer.Argument(help="Services to reload on changes; all by default.", show_default=False)
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the system is ready.")] = False,
    reload: Annotated[
        bool, typer.Option("--reload/--no-reload", help="Restart a service when its files change.")
    ] = True,
) -> int:
    """Start the system and follow its logs until Ctrl-C."""
    from msgen.cli.log_lines import LogLines
    from msgen.commands import dev as commands

    request = commands.Request(_root(), services or (), reload)
    if detach:
        say(_urls(commands.detach(request, lambda text: print(text, flush=True))))
        return OK
    lines = LogLines(painter(), pretty=sys.stdout.isatty())
    commands.start(
        request,
        lambda line: print(lines(line), flush=True),
        lambda state: print("\n".join(["", *_urls(state), ""]), flush=True),
    )
    return OK


@app.command()
def stop() -> int:
    """Stop the system; its data stays."""
    from msgen.commands import dev as commands

    print("Stopped." if commands.stop(_root()) else "Nothing is running.")
    return OK


@app.command()
def status(output_format: FormatOption = "text") -> int:
    """List the parts of the running system. Exits with 1 if not all are ready."""
    from msgen.cli import json_output
    from msgen.commands import dev as commands
    from msgen.dev.state import State

    state = commands.status(_root())
    running = state and state.ready and all(part.status in ("ready", "done") for part in state.parts.values())
    code = OK if running else DRIFT
    if output_format == "json":
        print(json_output.document(code, running=bool(state), **json_output.of_state(state or State())))
        return code
    if not state:
        print("Nothing is running.")
        return DRIFT
    paint = painter()
    width = max(map(len, state.parts))
    for name, part in sorted(state.parts.items()):
        colour = {"ready": 32, "done": 32, "crashed": 31}.get(part.status, 33)
        details = [f"port {part.port}"] * bool(part.port) + [f"{part.starts} starts"] * (part.starts > 1)
        print(f"{name:<{width}}  {paint(f'{part.status:<10}', colour)}  {', '.join(details)}".rstrip())
    say(_urls(state))
    return code


@app.command()
def logs(
    part: Annotated[str, typer.Argument(help="Service or component.", show_default=False)],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print further lines as they arrive.")] = False,
) -> int:
    """Print the log of a service or component."""
    from msgen.commands import dev as commands

    for line in commands.log(_root(), part, follow=follow):
        print(line, flush=True)
    return OK


@app.command("exec", context_settings={"ignore_unknown_options": True})
def execute(
    service: Annotated[str, typer.Argument(help="Running service.", show_default=False)],
    command: Annotated[list[str], typer.Argument(help="Program and its arguments.", show_default=False)],
) -> int:
    """Run a command in the directory and the environment of a service. Exits with its code."""
    from msgen.commands import dev as commands

    return commands.execute(_root(), service, command)


@app.command()
def reset() -> int:
    """Stop the system and delete its data."""
    from msgen.commands import dev as commands

    commands.reset(_root())
    print("Deleted .msgen/dev.")
    return OK


def _root() -> Path:
    from msgen.commands.reconcile import find_root

    return find_root(Path.cwd())


def _urls(state: "State") -> list[str]:
    width = max(map(len, state.pages), default=0)
    return [f"{title:<{width}}  {url}" for title, url in state.pages.items()]
