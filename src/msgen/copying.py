"""Copier, for starters that ask or come from elsewhere. It takes a while to import, so this module is as well."""

import difflib
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import copier
from copier.errors import CopierAnswersInterrupt, CopierError, UnsafeTemplateError

from msgen.errors import user_error
from msgen.render import File, Tree


def run_copier(source: str, data: Mapping[str, Any], answered: set[str], *, ask: bool) -> Tree:
    """Runs a Copier template in a folder of its own, without anything that runs code, and reads what it made."""
    with tempfile.TemporaryDirectory(prefix="msgen-") as scratch:
        folder = Path(scratch, "out")
        try:
            worker = copier.run_copy(
                source,
                folder,
                data=dict(data),
                defaults=not ask,
                settings=copier.Settings(),
                quiet=True,
                unsafe=False,
                user_defaults={},
            )
        except CopierAnswersInterrupt as error:
            raise KeyboardInterrupt from error
        except UnsafeTemplateError as error:
            raise user_error(
                f"the starter {source} runs code of its own, which msgen does not let it: {error}"
            ) from error
        except (CopierError, OSError, ValueError) as error:
            raise user_error(f"cannot use the starter {source}: {error}") from error
        for name in sorted(answered - worker.template.questions_data.keys()):
            near = difflib.get_close_matches(name, worker.template.questions_data, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it asks {', '.join(worker.template.questions_data)}"
            raise user_error(f"--data: the starter asks for nothing called {name!r}", hint)
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
