"""Plan and packs -> Tree: every file of the repository, in memory."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from msgen import locks
from msgen.errors import Problem, UserError
from msgen.packs import Layer, Pack
from msgen.plan import Plan

Scope = dict[str, Any]


@dataclass(frozen=True)
class File:
    content: bytes
    mode: int = 0o644
    once: bool = False
    """Written when missing, then the user's own."""
    owner: str = ""
    """The service that it belongs to; empty for the system's."""


Tree = Mapping[str, File]
"""Path, relative and with slashes -> file."""

SCOPES: dict[str, Callable[[Plan], Iterator[Scope]]] = {
    "system": lambda plan: iter([{}]),
    "service": lambda plan: ({"service": s} for s in plan.services),
    "resource": lambda plan: ({"service": s, "resource": r} for s in plan.services for r in s.resources),
    "call": lambda plan: ({"service": s, "call": c} for s in plan.services for c in s.calls),
    "consumes": lambda plan: ({"service": s, "queue": q} for s in plan.services for q in s.consumes),
    "subscribes": lambda plan: ({"service": s, "event": e} for s in plan.services for e in s.subscribes),
    "queue": lambda plan: ({"queue": q} for q in plan.queues),
    "event": lambda plan: ({"event": e} for e in plan.events),
}
"""What a layer can be laid for each of, with the variables that its templates see besides `system`."""


def render(plan: Plan, pack: Pack) -> Tree:
    """Renders every layer that applies; a later layer's file replaces an earlier one's at the same path."""
    environment = make_environment(pack.root)
    placed = [(layer, scope) for layer in pack.layers for scope in _scopes(environment, layer, plan)]
    provided = _provided(environment, pack, placed)
    tree: dict[str, File] = {}
    for layer, scope in placed:
        owner = scope["service"].name if "service" in scope else ""
        variables = {**scope, "provided": provided[owner], "all_provided": provided}
        for path, content in _layer_files(environment, pack.root, layer, variables):
            tree[path] = File(content, pack.mode(path), pack.is_once(path), owner)
    return dict(sorted(tree.items()))


def make_environment(root: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(root),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        auto_reload=False,
    )
    environment.filters["natural"] = lambda names: sorted(names, key=natural_order)
    environment.globals["locked"] = lambda file, roots: locks.closure(_lock(root / file), roots)
    return environment


def natural_order(text: str) -> list[tuple[int, int]]:
    """A key that sorts `order2` before `order10`, as sorters of imports do."""
    return [(ord("0"), int(part)) if part.isdigit() else (ord(part), 0) for part in re.findall(r"[0-9]+|[^0-9]", text)]


@cache
def _lock(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded


def _scopes(environment: jinja2.Environment, layer: Layer, plan: Plan) -> Iterator[Scope]:
    applies = environment.compile_expression(layer.when, undefined_to_none=False)
    for scope in SCOPES[layer.each](plan):
        variables = {"system": plan, **scope}
        if applies(**variables):
            yield variables


def _provided(
    environment: jinja2.Environment, pack: Pack, placed: list[tuple[Layer, Scope]]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """What the layers of each service (under its name) and of the system (under '') add to every list."""
    owners = {""} | {s.name for _, scope in placed for s in scope["system"].services}
    found: dict[str, dict[str, list[str]]] = {owner: {name: [] for name in pack.lists} for owner in owners}
    for layer, scope in placed:
        lists = found[scope["service"].name if "service" in scope else ""]
        for name, texts in layer.provides.items():
            lists[name] += (_inline(environment, text, scope) for text in texts)
    return {owner: {name: tuple(dict.fromkeys(texts)) for name, texts in lists.items()} for owner, lists in found.items()}


def _layer_files(
    environment: jinja2.Environment, root: Path, layer: Layer, variables: Scope
) -> Iterator[tuple[str, bytes]]:
    if not layer.source:
        return
    into = _inline(environment, layer.into, variables)
    for file in _sources(root / layer.source):
        name = PurePosixPath(into, _inline(environment, file, variables)).as_posix()
        if file.endswith(".j2"):
            yield name.removesuffix(".j2"), _render_file(environment, f"{layer.source}/{file}", variables)
        else:
            yield name, _read(root / layer.source / file)


def _render_file(environment: jinja2.Environment, template: str, variables: Scope) -> bytes:
    try:
        return environment.get_template(template).render(variables).encode()
    except jinja2.TemplateError as error:
        raise UserError(template_problem(error, template)) from error


def template_problem(error: jinja2.TemplateError, template: str) -> Problem:
    """Names the template and the line that failed: a syntax error knows it, others are found in the traceback."""
    line = getattr(error, "lineno", None) or 0
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith(template):
            line = trace.tb_lineno
        trace = trace.tb_next
    return Problem(line, 0, f"cannot render this template: {error}", file=f"templates/{template}")


@cache
def _sources(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()))


@cache
def _read(file: Path) -> bytes:
    return file.read_bytes()


_inlines: dict[str, jinja2.Template] = {}


def _inline(environment: jinja2.Environment, text: str, variables: Scope) -> str:
    """Fills a path or another short text."""
    if "{{" not in text:
        return text
    key = text
    if key not in _inlines:
        _inlines[key] = environment.from_string(text)
    return _inlines[key].render(variables)
