"""Format results, diagnostics and errors as one JSON document; docs/reference/output.schema.json is its schema."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgen.core.errors import Problem

if TYPE_CHECKING:
    from msgen.commands.check import Checked
    from msgen.commands.new import Made
    from msgen.contracts.changes import Breakage
    from msgen.dev.state import State
    from msgen.merging.change import Change

Diagnostic = dict[str, Any]


def is_wanted(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for JSON; errors of its options have to know, too."""
    if tuple(arguments[:2]) == ("dev", "exec"):  # an option of the program
        return False
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def document(code: int, diagnostics: Iterable[Diagnostic] = (), **result: Any) -> str:
    """Format the document of a command that ends with an exit code."""
    return json.dumps({"exit_code": code, "diagnostics": list(diagnostics), **result}, indent=2)


def diagnostic(problem: Problem, severity: str = "error") -> Diagnostic:
    return {
        "severity": severity,
        "code": problem.code,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def simple(code: str, message: str, *, file: str = "", severity: str = "error", hint: str = "") -> Diagnostic:
    """Return a diagnostic without a location."""
    return diagnostic(Problem(0, 0, message, hint, file, code=code), severity)


def of_changes(changes: Iterable["Change"], *, drift: bool = False) -> list[Diagnostic]:
    """Return a diagnostic of each conflict, and of each other pending change if the repository must match."""
    hint = "run `msgen apply`"
    return [
        simple("conflict", change.reason or "conflict", file=change.path, hint="resolve it")
        if change.action == "conflict"
        else simple("drift", f"{change.action} by `msgen apply`", file=change.path, hint=hint)
        for change in changes
        if drift or change.action == "conflict"
    ]


def of_check(checked: "Checked") -> list[Diagnostic]:
    pending = checked.drift.pending.shown if checked.drift else ()
    warnings = [simple("exposed", text, file=str(checked.file), severity="warning") for text in checked.warnings]
    return [*of_changes(pending, drift=True), *warnings, *map(_breakage, checked.breakages)]


def _breakage(breakage: "Breakage") -> Diagnostic:
    message = f"{breakage.where}: {breakage.message}" if breakage.where else breakage.message
    severity = "warning" if breakage.warning else "error"
    found = simple(breakage.code, message, file=breakage.file, severity=severity)
    return {**found, "consumers": list(breakage.consumers)}


def of_new(made: "Made") -> dict[str, Any]:
    services = [{"name": str(service.name), "language": service.language} for service in made.plan.services]
    return {
        "path": str(made.target),
        "files": len(made.tree),
        "committed": made.committed,
        "services": services,
        "notes": list(made.notes),
    }


def of_state(state: "State") -> dict[str, Any]:
    parts = [
        {"name": name, "status": part.status, "port": part.port, "starts": part.starts}
        for name, part in sorted(state.parts.items())
    ]
    return {"parts": parts, "pages": state.pages}
