"""Compare JSON Schemas: which values that one side sends does the other side not accept?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
NATURAL = ("minLength", "minItems", "minProperties")
"""Bounds that are 0 where they are missing."""
ALTERNATIVES = re.compile(r"\(([\w-]+(?:\|[\w-]+)*)\)")
"""A group of a pattern that is a choice of words."""
WORDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclass(frozen=True)
class Gap:
    """A difference between what is sent and what is accepted."""

    where: str
    """Path of the field; empty for the whole value."""
    kind: str
    """`type`, `null`, `required`, `removed`, `enum`, `bound`, `pattern`, `format` or `default`."""
    sent: str = ""
    accepted: str = ""


class Comparison:
    """Compares what one document sends with what another one accepts.

    The reader of a response ignores fields that it does not know; it misses those that are no longer sent. A server
    ignores or rejects fields that it does not know.
    """

    def __init__(self, sent: Schema, accepted: Schema, *, response: bool) -> None:
        self._sent, self._accepted, self._response = sent, accepted, response
        self._open: set[tuple[int, int]] = set()

    def gaps(self, sent: Schema, accepted: Schema, where: str = "") -> Iterator[Gap]:
        """Yield the differences of two schemas, each of its own document."""
        sent, accepted = resolve(sent, self._sent), resolve(accepted, self._accepted)
        pair = (id(sent), id(accepted))
        if pair in self._open:  # schemas that contain themselves
            return
        self._open.add(pair)
        yield from self._between(sent, accepted, where)
        self._open.remove(pair)

    def _between(self, sent: Schema, accepted: Schema, where: str) -> Iterator[Gap]:
        choices = alternatives(accepted, self._accepted)
        for one in alternatives(sent, self._sent):
            fitting = [other for other in choices if _fits(_type(one), _type(other))]
            if fitting:
                yield from min(([*self._within(one, other, where)] for other in fitting), key=len)
            elif _type(one) == "null":
                yield Gap(where, "null")
            else:
                accepts = " or ".join(dict.fromkeys(_type(other) or "any value" for other in choices))
                yield Gap(where, "type", _type(one) or "any value", accepts)

    def _within(self, one: Schema, other: Schema, where: str) -> Iterator[Gap]:
        if "enum" in other:
            missing = [value for value in one.get("enum", ("other values",)) if value not in other["enum"]]
            if missing:
                yield Gap(where, "enum", ", ".join(map(str, missing)), ", ".join(map(str, other["enum"])))
        elif "enum" not in one:
            yield from _bounds(one, other, where)
            pattern = other.get("pattern")
            if pattern and not _covers(pattern, one.get("pattern", "")):
                yield Gap(where, "pattern", one.get("pattern", "any text"), pattern)
            if other.get("format") not in (None, one.get("format")):
                yield Gap(where, "format", one.get("format", "any format"), other["format"])
        yield from self._fields(one, other, where)
        if "items" in other:
            yield from self.gaps(one.get("items", {}), other["items"], f"{where}[]")
        mine, theirs = (schema.get("additionalProperties") for schema in (one, other))
        if isinstance(mine, dict) and isinstance(theirs, dict):
            yield from self.gaps(mine, theirs, f"{where}.*" if where else "*")

    def _fields(self, one: Schema, other: Schema, where: str) -> Iterator[Gap]:
        sent, accepted = one.get("properties", {}), other.get("properties", {})
        before, after = (accepted, sent) if self._response else (sent, accepted)
        lost = before.keys() - after.keys()
        prefix = f"{where}." if where else ""
        yield from (Gap(f"{prefix}{name}", "removed") for name in before if name in lost)
        required = [name for name in other.get("required", ()) if name not in one.get("required", ())]
        yield from (Gap(f"{prefix}{name}", "required") for name in required if name not in lost)
        for name in sent.keys() & accepted.keys():
            yield from self.gaps(sent[name], accepted[name], f"{prefix}{name}")
            if not self._response:
                yield from default_gap(sent[name], accepted[name], f"{prefix}{name}")


def default_gap(before: Schema, after: Schema, where: str = "") -> Iterator[Gap]:
    """Yield a gap if a value that is left out now means something else."""
    if "default" in before and after.get("default") != before["default"]:
        yield Gap(where, "default", str(before["default"]), str(after.get("default", "none")))


def resolve(part: Any, document: Schema) -> Any:
    """Follow references inside a document."""
    while isinstance(part, dict) and "$ref" in part:
        target: Any = document
        for key in str(part["$ref"]).removeprefix("#/").split("/"):
            target = target.get(key.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, dict) else {}
        part = target
    return part


def alternatives(schema: Any, document: Schema) -> list[Schema]:
    """Return the choices of a schema, each with one type, without references and combinations."""
    schema = resolve(schema, document)
    if not isinstance(schema, dict):
        return [{}]
    if "const" in schema:
        schema = {**schema, "enum": [schema["const"]]}
    for part in schema.get("allOf", ()):
        schema = _merged(alternatives(part, document)[0], schema)
    for key in ("anyOf", "oneOf"):
        if options := schema.get(key):
            rest = {name: value for name, value in schema.items() if name not in (key, "default")}
            return [_merged(rest, one) for option in options for one in alternatives(option, document)]
    types = schema.get("type")
    if types is None and "enum" in schema:
        types = list(dict.fromkeys(WORDS.get(type(value), "object") for value in schema["enum"]))
    if isinstance(types, str) or not types:
        return [schema]
    return [_of_type(schema, name) for name in types]


def _of_type(schema: Schema, name: str) -> Schema:
    if "enum" not in schema:
        return {**schema, "type": name}
    return {**schema, "type": name, "enum": [v for v in schema["enum"] if _fits(WORDS.get(type(v), "object"), name)]}


def _merged(one: Schema, other: Schema) -> dict[str, Any]:
    properties = {**one.get("properties", {}), **other.get("properties", {})}
    required = [*one.get("required", ()), *other.get("required", ())]
    joined = {"properties": properties, "required": required}
    return {**one, **other, **{key: value for key, value in joined.items() if value}}


def _type(schema: Schema) -> str:
    return str(schema.get("type") or ("object" if "properties" in schema else ""))


def _fits(sent: str, accepted: str) -> bool:
    return accepted in ("", sent) or (sent, accepted) == ("integer", "number")


def _bounds(one: Schema, other: Schema, where: str) -> Iterator[Gap]:
    for key in (*LOWER, *UPPER):
        limit = other.get(key, 0 if key in NATURAL else None)
        mine = one.get(key, 0 if key in NATURAL else None)
        if limit is not None and (mine is None or (mine < limit if key in LOWER else mine > limit)):
            yield Gap(where, "bound", f"{key} {'none' if mine is None else mine}", f"{key} {limit}")


def _covers(pattern: str, other: str) -> bool:
    """Return whether a pattern is another one, perhaps with more words to choose from."""
    if ALTERNATIVES.sub("()", pattern) != ALTERNATIVES.sub("()", other):
        return False
    groups = [[set(group.split("|")) for group in ALTERNATIVES.findall(text)] for text in (pattern, other)]
    return all(theirs <= mine for mine, theirs in zip(*groups, strict=True))
