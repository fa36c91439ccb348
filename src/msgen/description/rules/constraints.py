"""Constraints and indexes over fields of a resource: unique lists, indexes and comparisons."""

from collections.abc import Iterator, Mapping, Sequence

from msgen.core.errors import quoted
from msgen.core.suggestions import one_of
from msgen.description.access import fields_of, owner_field
from msgen.description.constraint_notation import compared
from msgen.description.field_model import FieldSpec
from msgen.description.rules.fields import NUMBERS
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.source_map import Where

NEVER_INDEXED = ("json", "list", "text")
FEW = ("enum", "boolean")
COMPARED = (*NUMBERS, "date", "datetime")
STAMPS = {name: FieldSpec.model_validate({"type": "datetime"}) for name in ("created_at", "updated_at")}

Fields = Mapping[str, FieldSpec]


def constraints(system: System) -> Iterator[Finding]:
    for where, service, name, declared in system.resources:
        spec = system.description.services[service].resources[name]
        fields = fields_of(system.description, service, name)
        owner = owner_field(system.description, spec)
        for field, field_spec in declared.items():
            yield from _single(where, field, field_spec, owner)
        yield from _lists((*where, "unique"), spec.unique, fields)
        for number, names in enumerate(spec.unique):
            if all(name == owner or _kind(fields.get(name)) in FEW for name in names):
                message = "so few rows can have different values: " + " and ".join(names)
                yield Finding((*where, "unique", number), message, "add a field with more values")
        yield from _lists((*where, "index"), spec.index, {**fields, **STAMPS})
        yield from _checks((*where, "checks"), spec.checks, fields)


def _single(where: Where, name: str, spec: FieldSpec, owner: str | None) -> Iterator[Finding]:
    place = (*where, "fields", name, "index")
    if not spec.index:
        return
    kind = _kind(spec)
    if kind in NEVER_INDEXED:
        message = f"a field of type {kind} cannot have an index"
        yield Finding(place, message, "remove 'index'", key=True, relies=((*where, "fields", name, "type"),))
    elif spec.unique or spec.references or name == owner:
        why = "unique field" if spec.unique else "reference" if spec.references else "owner"
        yield Finding(place, f"'index' has no effect: a {why} has an index", "remove 'index'", key=True)


def _lists(where: Where, lists: Sequence[Sequence[str]], fields: Fields) -> Iterator[Finding]:
    key = str(where[-1])
    relies = ((*where[:-1], "fields"),)
    for number, names in enumerate(lists):
        place: Where = (*where, number)
        for name in dict.fromkeys(names):
            kind = _kind(fields.get(name))
            if not kind:
                message = f"{quoted(key)} names {quoted(name)}, which is not a field of {where[-2]}"
                yield Finding(place, message, one_of(name, fields), relies=relies)
            elif kind in NEVER_INDEXED:
                message = f"a field of type {kind} cannot be in {quoted(key)}: {name}"
                yield Finding(place, message, f"remove {quoted(name)}", relies=relies)
        if len(names) == 1:
            message = f"{quoted(key)} names a single field"
            yield Finding(place, message, f"write `{key}: true` for the field {quoted(names[0])}")
        if len(set(names)) < len(names):
            yield Finding(place, f"{quoted(key)} names a field twice", "remove one of them")
        if names in lists[:number]:
            yield Finding(place, f"{quoted(key)} lists the same fields twice", "remove one of the lists")


def _checks(where: Where, checks: Sequence[str], fields: Fields) -> Iterator[Finding]:
    relies = ((*where[:-1], "fields"),)
    pairs: set[frozenset[str]] = set()
    less: list[tuple[str, str]] = []
    for number, text in enumerate(checks):
        place: Where = (*where, number)
        left, operator, right = compared(text)
        unknown = [name for name in dict.fromkeys((left, right)) if name not in fields]
        for name in unknown:
            message = f"{quoted(text)} compares {quoted(name)}, which is not a field of {where[-2]}"
            yield Finding(place, message, one_of(name, fields), relies=relies)
        if unknown:
            continue
        if left == right:
            yield Finding(place, f"{quoted(text)} compares a field with itself", "name two fields")
            continue
        if not _comparable(_kind(fields[left]), _kind(fields[right])):
            message = f"{quoted(text)} compares {_kind(fields[left])} with {_kind(fields[right])}"
            yield Finding(place, message, "compare two numbers, two dates or two datetimes", relies=relies)
        lower = (left, right) if operator.startswith("<") else (right, left)
        if frozenset(lower) in pairs or lower[0] in _above(lower[1], less):
            yield Finding(place, f"{quoted(text)} contradicts or repeats another check", "remove one of them")
        pairs.add(frozenset(lower))
        less.append(lower)


def _above(name: str, less: Sequence[tuple[str, str]]) -> set[str]:
    """Return the fields that checks require to be greater than a field."""
    found = {name}
    while added := {high for low, high in less if low in found} - found:
        found |= added
    return found


def _kind(spec: FieldSpec | None) -> str:
    return "" if spec is None else "list" if spec.list else "enum" if spec.enum else spec.type


def _comparable(left: str, right: str) -> bool:
    return left in COMPARED and (left == right or (left in NUMBERS and right in NUMBERS))


RULES = (constraints,)
