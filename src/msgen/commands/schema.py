"""`msgen schema`: print the JSON Schema of descriptions."""

import json

from msgen.packs.pack import builtin_root, load_pack


def schema() -> str:
    from msgen.description.json_schema import json_schema

    return json.dumps(json_schema(load_pack(builtin_root()).languages), indent=2)
