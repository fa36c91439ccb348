"""Generate all files of a system, except baselines."""

import json

from msgen import __version__
from msgen.core.paths import SCHEMA, VERSION
from msgen.core.tree import File, Tree
from msgen.packs.pack import Pack
from msgen.planning.plan import Plan
from msgen.rendering.renderer import render


def generate(plan: Plan, pack: Pack) -> Tree:
    """Render the templates, and add the JSON Schema for editors and the version of msgen."""
    from msgen.description.json_schema import json_schema

    schema = json.dumps(json_schema(pack.languages), indent=2) + "\n"
    own = {SCHEMA: File(schema.encode()), VERSION: File(f"{__version__}\n".encode())}
    return {**render(plan, pack), **own}
