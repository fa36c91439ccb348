"""`msgen schema`: the JSON Schema of the description."""

import json

from msgen.packs import builtin_root, load_pack


def schema() -> str:
    from msgen.schema import json_schema

    return json.dumps(json_schema(load_pack(builtin_root()).languages), indent=2)
