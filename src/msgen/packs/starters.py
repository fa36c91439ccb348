"""Starters: templates of a new system's description and of other files that belong to the user.

A starter is a Copier template: a directory or git repository with questions (`copier.yml`) and files. The built-in ones
are in the pack, under `starters`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from msgen.core.errors import user_error
from msgen.core.suggestions import did_you_mean
from msgen.core.tree import File, Tree
from msgen.description.yaml_reader import c_loader

SUFFIX = ".j2"


def builtin(root: Path) -> dict[str, Path]:
    """Return the built-in starters of a pack by name."""
    return {folder.name: folder for folder in sorted((root / "starters").iterdir()) if folder.is_dir()}


def run(starter: str, pack_root: Path, given: Mapping[str, Any], answers: Mapping[str, str], *, ask: bool) -> Tree:
    """Run a starter and return its files.

    `given` holds what msgen knows (name, languages…), `answers` what the user has answered; the other questions are
    asked at the terminal with `ask`, or take their defaults. Raises `UserError` if the starter cannot be fetched or is
    unsafe.
    """
    known = builtin(pack_root)
    if starter in known and not ask and not answers:
        return run_defaults(known[starter], given)
    if starter not in known and "/" not in starter and ":" not in starter and not Path(starter).exists():
        otherwise = f"use {', '.join(known)}, a directory, or gh:owner/repository"
        hint = did_you_mean(starter, known) or otherwise
        raise user_error(f"there is no starter called {starter!r}", hint)
    from msgen.packs.copier_runner import run_copier

    return run_copier(str(known.get(starter, starter)), starter, {**given, **answers}, answers, ask=ask)


def run_defaults(folder: Path, given: Mapping[str, Any]) -> Tree:
    """Render a built-in starter with its defaults as Copier would, without importing it."""
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    questions = yaml.load((folder / "copier.yml").read_bytes(), c_loader())  # noqa: S506 - it is the safe one
    environment = SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    values = dict(given)
    for name, question in questions.items():
        if not name.startswith("_") and name not in values:
            default = question["default"]
            values[name] = environment.from_string(default).render(values) if isinstance(default, str) else default
    return {
        path.relative_to(folder).as_posix().removesuffix(SUFFIX): File(
            environment.from_string(path.read_text("utf-8")).render(values).encode(), once=True
        )
        for path in sorted(folder.rglob(f"*{SUFFIX}"))
    }
