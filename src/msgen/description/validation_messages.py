"""Messages and hints for pydantic's validation errors."""

import re
from collections.abc import Callable
from typing import Any

import inflection

from msgen.core.errors import quoted
from msgen.core.suggestions import nearest, one_of
from msgen.description import field_model, job_model, model, operation_model, patterns, resource_model, setting_model
from msgen.description.source_map import Where
from msgen.description.validation_hints import (
    EMPTY,
    EXAMPLES,
    FORMS,
    LATER_KEYS,
    LATER_VALUES,
    NAMES,
    NOUNS,
    OTHER_TYPES,
    RANGES,
)

Words = tuple[str, str]
"""A message and a hint."""

EXPECTED = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}
KINDS = {int: "a number", str: "text", list: "a list", dict: "a mapping"}


def fits(where: Where, pattern: Where) -> bool:
    """Return whether a location matches a pattern, in which `*` is any key."""
    return len(where) == len(pattern) and all(p in ("*", w) for w, p in zip(where, pattern, strict=True))


def no_mapping(data: Any) -> Words:
    """Message for a description that is not a mapping."""
    return f"a description is a mapping, not {_kind(data)}", "start with the lines `msgen: 1` and `name: myshop`"


def empty(where: Where) -> Words:
    """Message for a key or list item without a value."""
    hint = next((hint for pattern, hint in EMPTY.items() if fits(where, pattern)), "give it a value, or remove it")
    return (f"{_thing(where)} has no value", hint)


def explain(error: Any, where: Where, text: str = "") -> Words:
    """Explain one of `ValidationError.errors()`, at a place of the source that reads `text`."""
    handler = HANDLERS.get(error["type"])
    if handler:
        return handler(error, where)
    return _wrong_type(where, error["input"], EXPECTED.get(error["type"], "something else"), text)


def _missing(error: Any, _: Where) -> Words:
    key = str(error["loc"][-1])
    return f"the key {quoted(key)} is missing", f"add `{EXAMPLES.get(key, key)}`"


def _too_long_a_name(error: Any, _: Where) -> Words:
    longest = error["ctx"]["max_length"]
    return (
        f"{quoted(error['input'], 40)} is {len(error['input'])} characters long",
        f"use at most {longest}",
    )


def _out_of_range(error: Any, where: Where) -> Words:
    if where == ("msgen",):
        return f"version {error['input']} of the format is unknown", "write `msgen: 1`"
    if where[-1] != "port":
        least, most = RANGES[str(where[-1])]
        return f"{quoted(where[-1])} cannot be {error['input']}", f"choose a number from {least} to {most}"
    return f"port {error['input']} is out of range", "choose one from 1024 to 65535"


def _too_few(_: Any, where: Where) -> Words:
    hint = next((hint for pattern, hint in EMPTY.items() if fits(where, pattern)), "add to it, or remove it")
    return f"{quoted(where[-2])} has no fields" if where[-1:] == ("fields",) else f"{_thing(where)} is empty", hint


def _too_many(error: Any, where: Where) -> Words:
    most = error["ctx"]["max_length"]
    return f"{_thing(where)} has more than {most} {'entry' if most == 1 else 'entries'}", f"use at most {most}"


def _invalid_text(error: Any, where: Where) -> Words:
    problem = str(error["ctx"]["error"])
    return f"{_thing(where)} {problem}", "remove it" if problem.startswith("contains") else "correct it"


def _thing(where: Where) -> str:
    if not where:
        return "the description"
    return f"an item of {quoted(where[-2])}" if isinstance(where[-1], int) else quoted(where[-1])


def _unknown_key(_: Any, where: Where) -> Words:
    key = where[-1]
    known = list(model_at(where[:-1]).model_fields)
    if where in [(later,) for later in LATER_KEYS]:
        return f"{quoted(key)} is not available in this version", "remove it"
    if key in field_model.FieldSpec.model_fields and where[0] in ("queues", "events"):
        return f"{quoted(key)} has no effect on a field of a message", "remove it; fields of resources have it"
    elsewhere = [name for name, found in KEYS_OF.items() if key in found.model_fields]
    hint = one_of(str(key), known, f"it is a key of {' and of '.join(elsewhere)}" if elsewhere else "")
    return f"unknown key {quoted(key)}", hint.replace("choose one of", "keys here are")


def likely_key(where: Where, present: Any) -> str:
    """Return the key that an unknown one probably stands for, unless it is present too."""
    return nearest(str(where[-1]), [k for k in model_at(where[:-1]).model_fields if k not in present])


KEYS_OF: dict[str, Any] = {
    "'defaults'": model.Defaults,
    "'gateway'": model.GatewaySpec,
    "'identity'": model.IdentitySpec,
    "'autoscale'": model.AutoscaleSpec,
    "'kubernetes' under 'deploy'": model.KubernetesSpec,
    "a service": model.ServiceSpec,
    "'deploy'": model.DeploySpec,
    "the description itself": model.Description,
}


MODELS: dict[Where, Any] = {
    ("defaults",): model.Defaults,
    ("deploy",): model.DeploySpec,
    ("deploy", "kubernetes"): model.KubernetesSpec,
    ("deploy", "kubernetes", "autoscale"): model.AutoscaleSpec,
    ("gateway",): model.GatewaySpec,
    ("identity",): model.IdentitySpec,
    ("services", "*"): model.ServiceSpec,
    ("services", "*", "kubernetes"): model.ScaleSpec,
    ("services", "*", "kubernetes", "autoscale"): model.AutoscaleSpec,
    ("services", "*", "jobs", "*"): job_model.JobSpec,
    ("services", "*", "settings", "*"): setting_model.SettingSpec,
    ("services", "*", "resources", "*"): resource_model.ResourceSpec,
    ("services", "*", "operations", "*"): operation_model.OperationSpec,
    ("services", "*", "operations", "*", "input", "*"): field_model.MessageField,
    ("services", "*", "resources", "*", "operations", "*"): operation_model.OperationSpec,
    ("services", "*", "resources", "*", "operations", "*", "input", "*"): field_model.MessageField,
    ("services", "*", "resources", "*", "access"): resource_model.AccessSpec,
    ("services", "*", "resources", "*", "fields", "*"): field_model.FieldSpec,
    ("queues", "*", "*"): field_model.MessageField,
    ("events", "*", "*"): field_model.MessageField,
}


def model_at(where: Where) -> Any:
    """Return the model of a mapping with fixed keys."""
    return next((found for pattern, found in MODELS.items() if fits(where, pattern)), model.Description)


def _unknown_value(error: Any, where: Where) -> Words:
    key, value = next(part for part in reversed(where) if isinstance(part, str)), error["input"]
    noun = NOUNS.get(key, "type")
    known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    if not isinstance(value, str):
        return _wrong_type(where, value, "text")[0], one_of("", known)
    if value in LATER_VALUES.get(noun, ()):
        return f"{noun} {quoted(value)} is not available in this version", one_of("", known)
    if noun == "type" and value in OTHER_TYPES:
        hint = f"write '{OTHER_TYPES[value]}'" if value != "enum" else "write `{enum: [pending, paid]}`, without a type"
        return f"unknown type {quoted(value)}", hint
    return f"unknown {noun} {quoted(value)}", one_of(value, known)


def _misspelt(error: Any, _: Where) -> Words:
    value, pattern = error["input"], error["ctx"]["pattern"]
    if pattern in FORMS:
        what, hint = FORMS[pattern]
        return f"{quoted(value)} is not a valid {what}", hint
    better = respelt(value, pattern)
    rule = NAMES[pattern][0]
    return f"{quoted(value)} cannot be a name here", f"use {rule}" + (f": {quoted(better)}" if better else "")


def respelt(value: str, pattern: str) -> str:
    """Return a valid spelling of a name; empty if there is none, or the spelling is not at fault."""
    if pattern not in NAMES or not value.isascii():
        return ""
    joint = NAMES[pattern][1]
    parts = [re.sub("[^a-z0-9]+", joint, inflection.underscore(part)).strip(joint) for part in value.split(".")]
    name = ".".join(parts) if pattern == patterns.EVENT else joint.join(parts)
    if pattern == patterns.EVENT and "." not in name:
        name = name.replace(joint, ".", 1)
    return name if re.fullmatch(pattern, name) else ""


def _wrong_type(where: Where, value: Any, expected: str, text: str = "") -> Words:
    if _is_field(where[:-1]) and where[-1] in ("default", "min", "max"):
        expected = "a single value" if where[-1] == "default" else "a number"
    hint = f"write {expected}"
    match expected, value:
        case "a list", str():
            hint = f"write [{value}]" if re.fullmatch("[a-z][a-z0-9.-]*", value) else f'write ["{value}"]'
        case "text", int() if where == ("gateway", "rate_limit"):
            hint = FORMS[patterns.RATE][1]
        case "text", int() | float() if where[-1] == "cpu" and value > 0:
            hint = f"write {round(1000 * value)}m"
        case "text", bool() | int() | float():
            hint = f"write '{text or str(value).lower()}' in quotes"
        case "a whole number" | "a number", str() if re.fullmatch("[0-9.]{1,18}", value):
            hint = f"write {value} without quotes"
        case "a mapping", _ if _is_field(where):
            key = "secret" if fits(where, ("services", "*", "settings", "*")) else "optional"
            hint = f"write a type such as `string`, or a mapping such as `{{type: string, {key}: true}}`"
        case "a mapping", list() if where[-1] == "output":
            expected = "a resource, fields, `file` or a list with one of these"
            hint = "write one entry, such as [order]"
        case "a mapping", list():
            hint = "write `name: …` for each, without '- '"
    return f"{_thing(where)} must be {expected}, not {_kind(value, text)}", hint


def _is_field(where: Where) -> bool:
    return issubclass(model_at(where), (field_model.MessageField, setting_model.SettingSpec))


def _kind(value: Any, text: str = "") -> str:
    if isinstance(value, bool | float):
        return text or str(value).lower()
    return KINDS.get(type(value), "nothing")


HANDLERS: dict[str, Callable[[Any, Where], Words]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "literal_error": _unknown_value,
    "string_pattern_mismatch": _misspelt,
    "string_too_long": _too_long_a_name,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "too_short": _too_few,
    "too_long": _too_many,
    "value_error": _invalid_text,
}
"""By type of pydantic's error; the rest concern the type of a value."""
