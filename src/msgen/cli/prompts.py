"""Questions to the user at a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from msgen.cli.console import on_terminal, painter, print_notes, say
from msgen.core.errors import user_error

if TYPE_CHECKING:
    from msgen.commands.apply import Decide, Recognize
    from msgen.commands.reconcile import Pending
    from msgen.commands.services import Agree, NewService
    from msgen.merging.change import Change, OnConflict


def decider(on_conflict: str) -> "Decide | None":
    """Return the function that resolves single conflicts, if the user wants to be asked."""
    if on_conflict != "prompt":
        return None
    if not on_terminal():
        raise user_error("--on-conflict prompt needs a terminal", "choose markers, ours or theirs")
    return _resolve


def recognizer() -> "Recognize | None":
    """Return the function that asks for renamed fields, if there is somebody to ask."""
    if not on_terminal():
        return None
    return lambda rename: typer.confirm(f"Is {rename.resource}.{rename.new} the field {rename.old}, renamed?")


def _resolve(change: "Change") -> "OnConflict":
    """Ask how to resolve one conflict."""
    from msgen.cli import output

    print(f"\n{change.path}: {change.reason}")
    answers: dict[str, OnConflict] = {"o": "ours", "t": "theirs", "m": "markers"}
    while True:
        answer = typer.prompt("[o]urs, [t]heirs, [m]arkers, or [d]iff?", default="m").strip().lower()[:1]
        if answer in answers:
            return answers[answer]
        if answer == "d":
            say(output.diff(change))


def confirmation(*, dry_run: bool, ask: bool, default: bool = True) -> "Agree | None":
    """Return the function that prints pending changes and asks for confirmation; a dry run never confirms."""
    if not (dry_run or ask):
        return None

    def agree(pending: "Pending") -> bool:
        from msgen.cli import output
        from msgen.commands.apply import warnings

        say((output.diffs if dry_run else output.listing)(pending, painter()))
        if dry_run:
            return False
        print_notes(warnings(pending))
        return typer.confirm("Apply these changes?", default=default)

    return agree


def ask_for_service(name: str) -> "NewService":
    from msgen.commands.services import LISTS, NewService

    def words(question: str) -> list[str]:
        return split([_answer(question)])

    settings = {}
    for key, question in (
        ("description", "Purpose of the service?"),
        ("language", "Language (empty for the default)?"),
    ):
        if answer := _answer(question):
            settings[key] = answer
    resources = words("Resources, as in order:total=decimal (empty for none)?")
    lists = {key: words(f"{key.capitalize()} (empty for none)?") for key in LISTS}
    return NewService(name, settings, resources, {key: found for key, found in lists.items() if found})


def _answer(question: str) -> str:
    answer: str = typer.prompt(question, default="", show_default=False)
    return answer


def split(texts: Iterable[str]) -> list[str]:
    """Split lists at commas, except between fields: `a,b` is two items, `a:x=text,y=text` one."""
    parts = [[text] if ":" in text else text.split(",") for text in texts]
    return [part.strip() for found in parts for part in found if part.strip()]
