"""Copier, for starters that ask or come from elsewhere. It takes a while to import, so this module is as well."""

import difflib
import stat
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import copier
from copier.errors import CopierAnswersInterrupt, UnsafeTemplateError

from msgen.core.errors import user_error
from msgen.core.tree import File, Tree


def run_copier(source: str, called: str, data: Mapping[str, Any], answered: Iterable[str], *, ask: bool) -> Tree:
    """Runs a Copier template in a folder of its own, without anything that runs code, and reads what it made."""
    with tempfile.TemporaryDirectory(prefix="msgen-") as scratch, warnings.catch_warnings(action="ignore"):
        folder = Path(scratch, "out")
        try:
            # Settings of its own: the user's could trust a template, and then it may run what it likes.
            worker = copier.run_copy(
                source, folder, data=dict(data), defaults=not ask, settings=copier.Settings(), quiet=True, unsafe=False
            )
        except CopierAnswersInterrupt as error:
            raise KeyboardInterrupt from error
        except UnsafeTemplateError as error:
            raise user_error(f"the starter {called} would run code of its own, which msgen does not let it") from error
        except Exception as error:
            # Whatever goes wrong in there, it is this starter or these answers that cannot be used.
            raise user_error(f"cannot use the starter {called}: {error}") from error
        questions = worker.template.questions_data
        for name in answered:
            if name not in questions:
                near = difflib.get_close_matches(name, questions, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it asks for {', '.join(questions) or 'nothing'}"
                raise user_error(f"--data: the starter {called} does not ask for {name!r}", hint)
        return _read(folder)


def _read(folder: Path) -> Tree:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise user_error(f"the starter makes a symbolic link, {name}, which msgen does not take over")
        if path.is_file():
            mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
            found[name] = File(path.read_bytes(), mode, once=True)
    return found
