"""Render the layers of a pack for a plan."""

from collections.abc import Container, Iterator
from contextlib import contextmanager

import jinja2

from msgen.core import output_paths
from msgen.core.errors import UserError, user_error
from msgen.core.tree import File, Tree
from msgen.packs.jinja import Variables, fill, holds, make_environment, render_file
from msgen.packs.pack import SUFFIX, Pack
from msgen.packs.tables import Layer
from msgen.planning.plan import Plan
from msgen.rendering import workers
from msgen.rendering.environment import configured
from msgen.rendering.scopes import scoped

Provided = dict[str, dict[str, tuple[str, ...]]]
"""Service (`""` for the system) -> list -> items that layers provide."""


def render(plan: Plan, pack: Pack) -> Tree:
    """Render every layer that applies; a later layer overrides files of an earlier one.

    Raises `UserError` for errors in templates and tables.
    """
    shares = workers.run(render_layers, plan, pack)
    tree: dict[str, File] = {}
    for layer, *parts in zip(pack.layers, *shares, strict=True):
        for number, part in enumerate(parts):
            for path in part.keys() & set().union(*parts[:number]):
                raise _made_twice(layer, path, "two services")
        for part in parts:
            tree.update(part)
    if clash := output_paths.collision(list(tree)):
        raise user_error(f"the template pack makes both {clash[0]} and {clash[1]}, which cannot both be files")
    return dict(sorted(tree.items()))


def render_layers(plan: Plan, pack: Pack, owners: Container[str]) -> list[dict[str, File]]:
    """Render the files of each layer that belong to these services; `""` is the system."""
    environment = make_environment(*pack.roots, variables=pack.variables, overlay=pack.overlay)
    plan = configured(plan, pack, environment)
    placed = [(layer, list(_objects(environment, layer, plan))) for layer in pack.layers]
    provided = _provided(environment, pack, plan, placed)
    return [
        _layer(environment, pack, layer, [o for o in objects if _owner(o) in owners], provided)
        for layer, objects in placed
    ]


def provided_lists(plan: Plan, pack: Pack) -> Provided:
    """Return the lists that layers add to, without rendering their files. Raises `UserError`."""
    environment = make_environment(*pack.roots, variables=pack.variables, overlay=pack.overlay)
    return _provided(
        environment, pack, plan, [(layer, list(_objects(environment, layer, plan))) for layer in pack.layers]
    )


def _objects(environment: jinja2.Environment, layer: Layer, plan: Plan) -> Iterator[Variables]:
    with _errors_of(layer):
        for variables in scoped(layer.each, layer.language, plan):
            if holds(environment, layer.when, variables):
                yield variables


def _provided(
    environment: jinja2.Environment, pack: Pack, plan: Plan, placed: list[tuple[Layer, list[Variables]]]
) -> Provided:
    found: dict[str, dict[str, list[str]]] = {
        owner: {name: [] for name in pack.lists} for owner in ("", *(service.name for service in plan.services))
    }
    for layer, objects in placed:
        with _errors_of(layer):
            for variables in objects:
                for name, texts in layer.provides.items():
                    found[_owner(variables)][name] += (fill(environment, text, variables) for text in texts)
    return {
        owner: {name: tuple(dict.fromkeys(texts)) for name, texts in lists.items()} for owner, lists in found.items()
    }


def _layer(
    environment: jinja2.Environment, pack: Pack, layer: Layer, objects: list[Variables], provided: Provided
) -> dict[str, File]:
    """Render the files of a layer for each of its objects."""
    if not layer.source:
        return {}
    files = pack.files(layer.source)
    copied = {file: pack.read(f"{layer.source}/{file}") for file in files if objects and not file.endswith(SUFFIX)}
    made: dict[str, File] = {}
    for variables in objects:
        owner = _owner(variables)
        complete = {**variables, "provided": provided[owner], "all_provided": provided}
        about = f"layer {layer.source}, for {_called(variables)}"
        for file in files:
            with _errors_of(layer):
                path = output_paths.join(fill(environment, layer.into, variables), fill(environment, file, variables))
            path = path.removesuffix(SUFFIX)
            if not output_paths.is_safe(path):
                raise UserError(layer.problem(f"{path!r} is not a plain path inside the repository"))
            if path in made:
                raise _made_twice(layer, path, _called(variables))
            template = f"{layer.source}/{file}"
            if file in copied:
                content = copied[file]
            else:
                text = render_file(environment, pack.root, template, complete, about)
                content = pack.laid_out(path, text).encode()
            made[path] = File(content, pack.mode(path), pack.is_once(path), owner, template)
    return made


def _made_twice(layer: Layer, path: str, objects: str) -> UserError:
    return UserError(layer.problem(f"{path} is made more than once, here for {objects}"))


def _owner(variables: Variables) -> str:
    return str(variables["service"].name) if "service" in variables else ""


def _called(variables: Variables) -> str:
    """Describe the objects of a layer: `service orders, resource order`."""
    objects = [f"{kind} {getattr(value, 'name', value)}" for kind, value in variables.items() if kind != "system"]
    return ", ".join(objects) or "the system"


@contextmanager
def _errors_of(layer: Layer) -> Iterator[None]:
    try:
        yield
    except jinja2.TemplateError as error:
        raise UserError(layer.problem(str(error))) from error
