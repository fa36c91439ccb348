"""Run Copier, for starters with questions or from elsewhere. Import lazily: Copier takes a second to import."""

import stat
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import copier
from copier.errors import CopierAnswersInterrupt, UnsafeTemplateError

from msgen.core.errors import user_error
from msgen.core.suggestions import did_you_mean
from msgen.core.tree import File, Tree


def run_copier(source: str, called: str, data: Mapping[str, Any], answered: Iterable[str], *, ask: bool) -> Tree:
    """Run a Copier template in a temporary directory, without tasks or extensions, and read the result."""
    with tempfile.TemporaryDirectory(prefix="msgen-") as scratch, warnings.catch_warnings(action="ignore"):
        folder = Path(scratch, "out")
        try:
            # Empty settings: the user's could trust a template, which may then run code.
            worker = copier.run_copy(
                source, folder, data=dict(data), defaults=not ask, settings=copier.Settings(), quiet=True, unsafe=False
            )
        except CopierAnswersInterrupt as error:
            raise KeyboardInterrupt from error
        except UnsafeTemplateError as error:
            raise user_error(f"the starter {called} would run code of its own, which is not allowed") from error
        except Exception as error:
            # Copier raises many types of errors; all mean that the starter or the answers are unusable.
            raise user_error(f"cannot use the starter {called}: {error}") from error
        questions = worker.template.questions_data
        for name in answered:
            if name not in questions:
                hint = did_you_mean(name, questions) or f"its questions are: {', '.join(questions) or 'none'}"
                raise user_error(f"--data: the starter {called} has no question {name!r}", hint)
        return _read(folder)


def _read(folder: Path) -> Tree:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise user_error(f"the starter creates a symbolic link, which is not supported: {name}")
        if path.is_file():
            mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
            found[name] = File(path.read_bytes(), mode, once=True)
    return found
