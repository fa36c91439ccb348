"""`msgen schema`: print the JSON Schema of descriptions."""

import json
from collections.abc import Sequence
from pathlib import Path

from msgen.packs.external import checked_packs
from msgen.packs.pack import builtin_root, load_pack


def schema(packs: Sequence[Path] = ()) -> str:
    from msgen.description.json_schema import json_schema

    return json.dumps(json_schema(load_pack(builtin_root(), external=checked_packs(packs)).languages), indent=2)
