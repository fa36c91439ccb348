"""JSON Schema of `msgen.yaml` for editors, derived from the model."""

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from msgen.description.field_model import FIELD_TYPES, NEVER_LISTED
from msgen.description.model import Description
from msgen.description.patterns import SNAKE
from msgen.description.rules.fields import LENGTHS, NEVER_UNIQUE, NUMBERS
from msgen.description.setting_model import SettingType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FIELDS = ("MessageField", "FieldSpec")


def json_schema(languages: Iterable[str]) -> dict[str, Any]:
    """Return the schema of descriptions that may use the given languages."""
    schema = Description.model_json_schema()
    for part in _objects(schema):
        _tidy(part)
    definitions = schema["$defs"]
    setting = definitions["SettingSpec"]
    kinds = {"type": "string", "enum": list(get_args(SettingType))}
    definitions["Setting"] = {"description": setting["description"], "anyOf": [kinds, {"$ref": "#/$defs/SettingSpec"}]}
    job = definitions["JobSpec"]
    definitions["Job"] = {
        "description": job["description"],
        "anyOf": [job["properties"]["cron"], {"$ref": "#/$defs/JobSpec"}],
    }
    for name in ("Defaults", "ServiceSpec"):
        definitions[name]["properties"]["language"]["enum"] = sorted(languages)
    definitions["Type"] = {"type": "string", "enum": _types(FIELD_TYPES)}
    entries = {"enum": [kind for kind in FIELD_TYPES if kind not in NEVER_LISTED]}
    definitions["TypeOfEntries"] = {"type": "array", "items": entries, "minItems": 1, "maxItems": 1}
    for name in FIELDS:
        field = definitions[name]
        field["properties"]["type"] |= {"$ref": "#/$defs/Type"}
        field["allOf"] = list(_exclusions(resource=name == "FieldSpec"))
        definitions[f"{name}OrType"] = {
            "description": field["description"],
            "anyOf": [{"$ref": "#/$defs/Type"}, {"$ref": "#/$defs/TypeOfEntries"}, {"$ref": f"#/$defs/{name}"}],
        }
    _describe_output(definitions["OperationSpec"]["properties"])
    definitions.pop("OutputSpec")
    resource = definitions["ResourceSpec"]
    definitions["Resource"] = {
        "description": resource["description"],
        "if": {"properties": {"fields": {"type": "object"}}, "required": ["fields"]},
        "then": {"$ref": "#/$defs/ResourceSpec"},
        "else": {key: value for key, value in resource["properties"]["fields"].items() if key != "description"},
    }
    return {"$schema": DIALECT, "title": "msgen.yaml: the description of a system of services", **schema}


def _describe_output(operation: dict[str, Any]) -> None:
    fields = {key: value for key, value in operation["input"].items() if key not in ("description", "default")}
    one = {"anyOf": [{"type": "string", "pattern": SNAKE}, {**fields, "minProperties": 1}]}
    several = {"type": "array", "items": one, "minItems": 1, "maxItems": 1}
    operation["output"] = {"description": operation["output"]["description"], "anyOf": [*one["anyOf"], several]}


def _types(names: Iterable[str]) -> list[str]:
    """Return the spellings of types: plain, optional, and as a list."""
    return [s for n in names for s in (n, f"{n}?", f"{n}[]") if not (s == f"{n}[]" and n in NEVER_LISTED)]


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object in a value, outermost first."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _objects(item)


def _tidy(part: dict[str, Any]) -> None:
    """Turn pydantic's schema of the model into one of what users write."""
    if isinstance(part.get("title"), str):
        del part["title"]
    if part.get("default") in (None, "", [], {}) and part.get("default") is not False:
        part.pop("default", None)
    if {"type": "null"} in part.get("anyOf", ()) or {"type": "integer"} in part.get("anyOf", ()):
        # `null` means that the key is missing, and an integer is a number.
        kinds = [kind for kind in part.pop("anyOf") if kind not in ({"type": "null"}, {"type": "integer"})]
        plain = all(kind.keys() == {"type"} for kind in kinds)
        several = {"type": [kind["type"] for kind in kinds]} if plain else {"anyOf": kinds}
        part |= kinds[0] if len(kinds) == 1 else several
    if "patternProperties" in part:
        part["additionalProperties"] = False
        for field in part["patternProperties"].values():
            if field.get("$ref", "").endswith(FIELDS):
                field["$ref"] += "OrType"
            elif field.get("$ref", "").endswith(("JobSpec", "ResourceSpec", "SettingSpec")):
                field["$ref"] = field["$ref"].removesuffix("Spec")
    if part.get("enum") == list(FIELD_TYPES):
        del part["enum"], part["type"]


def _exclusions(*, resource: bool) -> Iterator[dict[str, Any]]:
    """Yield conditions on keys that exclude each other; `rules.fields` reports the same with better messages."""
    bounded = {"properties": {"type": {"enum": _types((*LENGTHS, *NUMBERS))}}}
    yield _when({"required": ["enum"]}, {"properties": {"type": False, "min": False, "max": False}})
    yield _when({"required": ["min"]}, bounded)
    yield _when({"required": ["max"]}, bounded)
    spelling = {"properties": {"type": {"type": "string", "pattern": r"\[\]$"}}, "required": ["type"]}
    listed = {"anyOf": [spelling, {"properties": {"list": {"const": True}}, "required": ["list"]}]}
    yield _when(listed, {"properties": {"optional": {"const": False}}})
    yield _when({"required": ["max_items"]}, listed)
    if resource:
        no = {"const": False}
        required = {"properties": {"optional": no, "unique": no, "type": {"enum": list(FIELD_TYPES)}}}
        identity = {"properties": {"type": {"enum": ["uuid", "uuid?"]}, "enum": False}, "required": ["type"]}
        unique = {"properties": {"unique": {"const": True}}, "required": ["unique"]}
        comparable = [kind for kind in FIELD_TYPES if kind not in NEVER_UNIQUE]
        yield _when({"anyOf": [{"required": ["default"]}, {"required": ["backfill"]}]}, required)
        yield _when({"required": ["references"]}, identity)
        yield _when(unique, {"properties": {"type": {"enum": _types(comparable)}}})
        plain = {"properties": dict.fromkeys(("default", "backfill", "references"), False) | {"unique": no}}
        yield _when(listed, plain)


def _when(condition: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"if": condition, "then": then}
