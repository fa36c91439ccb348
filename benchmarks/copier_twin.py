"""The shop as a Copier template: the same templates with the same values, so that Copier makes the same files."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import copier
import jinja2
import yaml
from jinja2.ext import Extension

from msgen.description.loader import load
from msgen.packs.jinja import make_environment
from msgen.packs.pack import builtin_root, load_pack
from msgen.planning.builder import make_plan
from msgen.planning.plan import Plan
from msgen.rendering import renderer as rendering

DESCRIPTION = Path(__file__).parents[1] / "examples" / "02-shop" / "msgen.yaml"
SETTINGS = {
    "_templates_suffix": ".j2",
    "_envops": {"trim_blocks": True, "lstrip_blocks": True, "undefined": "jinja2.StrictUndefined"},
    "_exclude": ["/copier.yml"],
    "_jinja_extensions": ["copier_twin.Twin"],
}

VALUES: list[dict[str, Any]] = []
"""The variables of each rendered file."""


class Twin(Extension):
    """Gives Copier's environment what msgen's has."""

    def __init__(self, copiers: jinja2.Environment) -> None:
        super().__init__(copiers)
        ours = make_environment(builtin_root())
        copiers.globals |= {"values": VALUES, "locked": ours.globals["locked"]}
        copiers.filters |= {name: made for name, made in ours.filters.items() if name not in copiers.filters}


@cache
def shop_plan() -> Plan:
    return make_plan(load(DESCRIPTION, load_pack(builtin_root()).vocabulary))


def make_twin(template: Path, target: Path) -> tuple[int, Callable[[], object]]:
    """Writes the template. Returns how many files it makes and what makes them in `target`.

    Fails where Copier does not make byte for byte what msgen makes.
    """
    tree = dict(rendering.render(shop_plan(), load_pack(builtin_root())))
    sources = _sources()
    for path, file in tree.items():
        if file.content in sources:
            name, text = f"{path}.j2", sources[file.content]
        else:
            name, text = path, file.content
        place = template / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
    _write_settings(template)

    def run() -> None:
        copier.run_copy(str(template), target, defaults=True, quiet=True, unsafe=True)

    run()
    for path, file in tree.items():
        assert (target / path).read_bytes() == file.content, path
    return len(tree), run


def _sources() -> dict[bytes, bytes]:
    """What a rendered file holds -> a template of Copier's that makes it."""
    found: dict[bytes, bytes] = {}
    render_file = rendering.render_file

    def recording(jinja: Any, root: Path, template: str, variables: dict[str, Any], about: str) -> bytes:
        content = render_file(jinja, root, template, variables, about)
        names = "".join(f"{{% set {name} = values[{len(VALUES)}].{name} %}}" for name in variables)
        VALUES.append(variables)
        found[content] = names.encode() + (root / template).read_bytes()
        return content

    rendering.render_file = recording
    try:
        rendering.render(shop_plan(), load_pack(builtin_root()))
    finally:
        rendering.render_file = render_file
    return found


def _write_settings(template: Path) -> None:
    """Copier's table, and what templates import from each other."""
    root = builtin_root()
    layers = tuple(f"{layer.source}/" for layer in load_pack(root).layers if layer.source)
    shared = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    shared = [path for path in shared if not path.as_posix().startswith(("starters/", *layers))]
    settings = {**SETTINGS, "_exclude": [*SETTINGS["_exclude"], *(f"/{path}".removesuffix(".j2") for path in shared)]}
    for path in shared:
        (template / path).parent.mkdir(parents=True, exist_ok=True)
        (template / path).write_bytes((root / path).read_bytes())
    (template / "copier.yml").write_text(yaml.safe_dump(settings))
