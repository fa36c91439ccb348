"""Jinja environment of packs: strict, with errors that name template and line."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from msgen.core.errors import Problem, UserError
from msgen.packs import lockfile
from msgen.packs.code_layout import fit

Variables = dict[str, Any]


class Loader(jinja2.FileSystemLoader):
    """Load templates from directories in order; `overlay` comes first."""

    def __init__(self, roots: Iterable[Path], overlay: Mapping[str, bytes]) -> None:
        super().__init__([str(root) for root in roots])
        self.overlay = overlay

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, file, is_current = super().get_source(environment, template)
        return self.overlay[template].decode() if template in self.overlay else source, file, is_current


def make_environment(
    *roots: Path, variables: Mapping[str, Any] | None = None, overlay: Mapping[str, bytes] | None = None
) -> jinja2.Environment:
    """Create an environment for directories, looked up in order.

    With more than one, templates may be untrusted, so the environment is sandboxed.
    """
    environment = _kind(sandboxed=len(roots) > 1)(
        loader=jinja2.ChoiceLoader([Texts(), Loader(roots, overlay or {})]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is source code
        auto_reload=False,
        cache_size=-1,
        # Templates compiled for a sandbox differ.
        bytecode_cache=_compiled() if len(roots) == 1 else None,
    )
    environment.filters["natural"] = lambda names: sorted(
        names, key=lambda name: (natural_order(name.lower()), natural_order(name))
    )
    environment.filters["members"] = lambda names: sorted(set(names), key=member_order)
    environment.filters["digest"] = digest
    environment.filters["literal"] = literal
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    environment.filters["fit"] = fit
    environment.filters["yaml"] = yaml_scalar
    environment.globals["locked"] = _locked(roots)
    environment.globals["variables"] = dict(variables or {})
    return environment


def _kind(*, sandboxed: bool) -> type[jinja2.Environment]:
    if not sandboxed:
        return jinja2.Environment
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment


class Texts(jinja2.BaseLoader):
    """Load short texts as templates named after their text, so that they are compiled once."""

    PREFIX = "text:"

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, None, None]:  # noqa: ARG002
        if not template.startswith(self.PREFIX):
            raise jinja2.TemplateNotFound(template)
        return template.removeprefix(self.PREFIX), None, None


class Compiled(jinja2.FileSystemBytecodeCache):
    """Cache of compiled templates; files that cannot be read or written are ignored."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - a damaged file may raise anything
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled() -> Compiled | None:
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = caches / "msgen" / f"jinja-{version('jinja2')}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: no home directory
        return None
    return Compiled(str(folder))


@cache
def natural_order(text: str) -> list[tuple[int, int]]:
    """Return a key that sorts `order2` before `order10`, as import sorters do."""
    return [(ord("0"), int(part)) if part.isdigit() else (ord(part), 0) for part in re.findall(r"[0-9]+|[^0-9]", text)]


def member_order(member: str) -> list[tuple[list[tuple[int, int]], str]]:
    """Return a key that sorts `type Order` and `access as orderAccess`, members of an import, by name."""
    parts = re.findall(r"[0-9]+|[^0-9]", member.rsplit(maxsplit=1)[-1])
    return [(natural_order(part.lower()), part) for part in parts]


def literal(text: str) -> str:
    """Quote a one-line text as a string literal, as formatters of Python and JavaScript do."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


def digest(text: str) -> str:
    """Return twelve hexadecimal digits that identify a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def yaml_scalar(name: str) -> str:
    """Quote a name if YAML would read the plain word as another type."""
    return f'"{name}"' if name in ("y", "n", "yes", "no", "on", "off", "true", "false", "null") else str(name)


def _locked(roots: Sequence[Path]) -> Callable[[str, Iterable[str]], list[dict[str, Any]]]:
    @cache
    def lock(file: str) -> Any:
        path = next((root / file for root in roots if (root / file).is_file()), roots[-1] / file)
        return json.loads(path.read_text("utf-8"))

    return lambda file, roots: lockfile.closure(lock(file), roots)


def render_file(environment: jinja2.Environment, root: Path, template: str, variables: Variables, about: str) -> str:
    """Render a file. Raises `UserError`, in which `about` names the objects."""
    try:
        return environment.get_template(template).render(variables)
    except Exception as error:
        # Any exception is an error of the template.
        raise UserError(_problem(error, environment, root, template, about)) from error


def fill(environment: jinja2.Environment, text: str, variables: Variables) -> str:
    """Render a path or another short text of `pack.yaml`. Raises `jinja2.TemplateError`."""
    return environment.get_template(Texts.PREFIX + text).render(variables) if "{{" in text else text


def holds(environment: jinja2.Environment, expression: str, variables: Variables) -> bool:
    """Evaluate a condition of `pack.yaml`. Raises `jinja2.TemplateError`."""
    return expression == "true" or fill(environment, f"{{{{ 1 if ({expression}) else 0 }}}}", variables) == "1"


def _problem(error: Exception, environment: jinja2.Environment, root: Path, template: str, about: str) -> Problem:
    """Locate an error: a syntax error has a location, any other is in the innermost template of the traceback."""
    folders = [
        path for loader in getattr(environment.loader, "loaders", ()) for path in getattr(loader, "searchpath", ())
    ]
    file, line = str(root / template), 0
    if isinstance(error, jinja2.TemplateSyntaxError):
        file, line = error.filename or file, error.lineno
    else:
        trace = error.__traceback__
        while trace:
            name = trace.tb_frame.f_code.co_filename
            if name.startswith(tuple(folders)):
                file, line = name, trace.tb_lineno
            trace = trace.tb_next
    return Problem(line, 0, f"cannot render {template} ({about}): {_words(error)}", file=file, code="template")


def _words(error: Exception) -> str:
    match error:
        case UserError():
            return "; ".join(problem.message for problem in error.problems)
        case jinja2.TemplateNotFound():
            return f"there is no template {error.name}"
        case jinja2.TemplateError() | OSError():
            return str(error)
        case _:
            return f"{type(error).__name__}: {error}"
