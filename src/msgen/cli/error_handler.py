"""Print errors to stderr and choose the exit code."""

import sys
from collections.abc import Callable

import typer

from msgen.core.errors import BUG, INTERRUPTED, WRONG_INPUT, UserError


def guarded(command: Callable[[], int], *, as_json: bool = False) -> int:
    """Run a command and return its exit code, whatever it raises."""
    say = _say_json if as_json else _say
    try:
        code = command()
        sys.stdout.flush()
    except UserError as error:
        return _say_problems(error, as_json=as_json)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "msgen"
        return say("usage", f"error: {error.format_message()}\n  run `{path} --help` for usage", WRONG_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        return say("interrupted", "interrupted", INTERRUPTED)
    except BrokenPipeError:
        _mute_stdout()
        return WRONG_INPUT
    except Exception as error:  # noqa: BLE001 - users never see a traceback
        return say("bug", f"error: this is a bug in msgen; {_report(error)}", BUG)
    # typer turns an interruption into its own exit code.
    return say("interrupted", "interrupted", INTERRUPTED) if code == INTERRUPTED else code


def _say(_: str, text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def _say_json(kind: str, text: str, code: int) -> int:
    from msgen.cli.json_output import document, simple

    message, _, hint = text.removeprefix("error: ").partition("\n")
    print(document(code, [simple(kind, message, hint=hint.strip())]))
    return code


def _say_problems(error: UserError, *, as_json: bool) -> int:
    from msgen.core.errors import format_problem

    if as_json:
        from msgen.cli.json_output import diagnostic, document

        print(document(WRONG_INPUT, map(diagnostic, error.problems)))
        return WRONG_INPUT
    count = len(error.problems)
    text = "\n\n".join(("" if problem.file else "error: ") + format_problem(problem) for problem in error.problems)
    return _say("", text + (f"\n\n{count} problems" if count > 1 else ""), WRONG_INPUT)


def _mute_stdout() -> None:
    """Keep the interpreter from reporting a closed pipe at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: Exception) -> str:
    """Write a bug report to a file; return a sentence with its path."""
    import platform
    import tempfile
    import traceback

    from msgen import __version__

    head = f"msgen {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    command = f"command: {' '.join(sys.argv)}\n\n"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="msgen-bug-", suffix=".txt", delete=False) as file:
            file.write(head + command + "".join(traceback.format_exception(error)))
    except OSError:
        return f"{type(error).__name__}: {error}"
    return f"please report it and attach {file.name}"
