"""Starters: what a new system's description, and whatever else is the user's own from the first day, come from.

A starter is a Copier template: a folder or a git repository with questions (`copier.yml`) and files. Those that come
with msgen are in the pack, under `starters`.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from msgen.core.errors import user_error
from msgen.core.tree import File, Tree
from msgen.description.yaml_reader import c_loader

SUFFIX = ".j2"


def builtin(root: Path) -> dict[str, Path]:
    """The starters that a pack holds, by name."""
    return {folder.name: folder for folder in sorted((root / "starters").iterdir()) if folder.is_dir()}


def run(starter: str, pack_root: Path, given: Mapping[str, Any], answers: Mapping[str, str], *, ask: bool) -> Tree:
    """The files of a starter.

    `given` is what msgen knows (name, languages…), `answers` what the user has answered beforehand; `ask` puts the
    other questions on the terminal, otherwise their defaults hold. Raises `UserError` where the starter is not to be
    had or not to be trusted.
    """
    known = builtin(pack_root)
    if starter in known and not ask and not answers:
        return run_defaults(known[starter], given)
    if starter not in known and "/" not in starter and ":" not in starter and not Path(starter).exists():
        near = difflib.get_close_matches(starter, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known)}, a folder, or gh:owner/repository"
        raise user_error(f"there is no starter called {starter!r}", hint)
    from msgen.packs.copier_runner import run_copier

    return run_copier(str(known.get(starter, starter)), starter, {**given, **answers}, answers, ask=ask)


def run_defaults(folder: Path, given: Mapping[str, Any]) -> Tree:
    """What Copier would make of one of our own starters with all its defaults, without the second that it takes."""
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
